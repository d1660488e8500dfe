"""Fixtures that several rooms share."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared formats and labelled texts beside the clone; tests that need it skip without it."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared (formats and labelled texts) is not here")
    return SHARED
