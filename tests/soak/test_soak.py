"""The short form of the soak: 20 seconds of delivery with two restarts."""

from __future__ import annotations

from pathlib import Path

from tests.soak.soak import soak
from tests.torture.landing import prepare


def test_steady_delivery_with_restarts_loses_and_doubles_nothing(tmp_path: Path) -> None:
    course = soak(prepare(tmp_path, 2_000), seconds=20.0, restarts=2, interval_s=0.5, seed=3, history=0.3)
    assert (course.lost, course.surplus) == (0, 0)
    assert set(course.codes) == {0}
    assert course.stops + course.kills == 3
    assert course.commits
