"""The short form of `python -m tests.torture.redelivery`."""

from __future__ import annotations

from pathlib import Path

from tests.torture.redelivery import redeliver


def test_records_delivered_three_times_in_other_objects_give_the_tables_of_the_first_delivery(tmp_path: Path) -> None:
    told: list[str] = []
    assert redeliver(tmp_path, 1_500, told.append) == []
    assert sum(" 0 events" in line or "'events': 0" in line for line in told) == 2  # the second and the third brought nothing new
