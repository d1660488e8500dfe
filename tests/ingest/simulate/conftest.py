"""One small history for all tests of the simulator."""

from __future__ import annotations

import pytest

from ingest.simulate.simulate import simulate
from tests.ingest.simulate.landing import History, read_landing


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    """Five days with every scenario that the demo shows."""
    folder = tmp_path_factory.mktemp("history") / "landing"
    summary = simulate(folder, days=5, events=12_000, seed=3, scenarios=("pumping", "outage", "silence"))
    return History(folder, summary.truth, read_landing(folder))
