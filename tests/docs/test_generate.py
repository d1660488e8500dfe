"""The reference pages say what the code says."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml

from docs import generate, privacy_tables
from transforms.canonical import TABLES, Privacy
from transforms.policy import SHIPPED, Operator


def test_the_reference_pages_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "docs.generate", "--check"], cwd=generate.ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_tables_of_privacy_name_every_class_every_operator_and_every_column() -> None:
    assert set(privacy_tables.CLASSES) == set(Privacy)
    assert set(privacy_tables.OPERATORS) == set(Operator)
    told = privacy_tables.classes(generate.table)
    columns = {(table.name, column.name) for table in TABLES.values() for column in table.columns}
    assert {(table, name) for table, name in columns if f"`{name}`" not in told and f"`{table}.{name}`" not in told} == set()
    rules = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    told = privacy_tables.policy(generate.table)
    assert [name for name in rules["treatments"] if f"| `{name}` |" not in told] == []
    assert [key for keys in [*rules["keys"].values(), *rules["paths"].values()] for key in keys if f"`{key}`" not in told] == []


def test_a_stale_page_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(generate.WHOLE, "docs/cli.md", lambda: "something else")
    assert "docs/cli.md" in generate.stale()


def test_a_cell_breaks_neither_its_table_nor_its_words() -> None:
    assert generate.table(["a"], [["x|y <z> `<k>`"]]).splitlines()[2] == "| x\\|y \\<z> `<k>` |"
