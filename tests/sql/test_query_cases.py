"""Every folder tests/sql/<relation>/test_<sentence>/ is one definition: events.yaml in, expect.yaml out.

events.yaml lists sparse canonical events; they are folded into messages as the lake folds them. A definition about
notices has notices.yaml beside it. expect.yaml holds
`now`, optionally `asked` (since, until, by and filters), and the `rows` of the relation; a row names only the columns
that the definition is about, and rows are compared without order.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from lake.query.relations import Kind, Relations
from tests.canonical_rows import SQL, canonical_table, session_of
from transforms import canonical

CASES = sorted(place.parent for place in Path(__file__).parent.glob("*/test_*/expect.yaml"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}: {case.name.removeprefix('test_').replace('_', ' ')}")
def test_relation_answers_as_defined(case: Path, tmp_path: Path) -> None:
    events = yaml.safe_load((case / "events.yaml").read_text(encoding="utf-8"))
    expected = yaml.safe_load((case / "expect.yaml").read_text(encoding="utf-8"))
    session = session_of(tmp_path, events, expected["now"], notices=_notices(case / "notices.yaml"))
    found = session.mart(case.parent.name, **expected.get("asked", {})).to_arrow_table().to_pylist()
    columns = sorted({name for row in expected["rows"] for name in row})
    assert _sorted([{name: _plain(row[name]) for name in columns} for row in found]) == _sorted(
        [{name: _plain(row.get(name)) for name in columns} for row in expected["rows"]]
    )


def test_every_mart_has_cases_that_define_it() -> None:
    marts = {relation.name for relation in Relations(SQL).values() if relation.kind is Kind.MART}
    assert marts | {"messages"} <= {case.parent.name for case in CASES} <= set(Relations(SQL))


def _notices(place: Path) -> pa.Table:
    stated = yaml.safe_load(place.read_text(encoding="utf-8")) if place.exists() else []
    rows = [
        {"notice_id": f"notice-{n:04}", "ingested_at": row["notice_time"], "source": "registration"} | row for n, row in enumerate(stated)
    ]
    return canonical_table(canonical.NOTICES, rows)


def _plain(value: Any) -> Any:
    if isinstance(value, float | int | Decimal) and not isinstance(value, bool):
        return round(float(value), 9)
    return value


def _sorted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: str(sorted(row.items())))
