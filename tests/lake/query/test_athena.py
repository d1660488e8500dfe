"""Athena cannot be run here, so its text is read as Trino reads it: known functions, no foreign syntax, names that resolve."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlglot
import yaml
from sqlglot import expressions as exp
from sqlglot.optimizer.scope import Scope, traverse_scope
from sqlglot.tokens import Token, TokenType

from lake.query.checks import read_checks
from lake.query.relations import Relation, Relations
from lake.query.render import REFERENCES, Asked, Engine, render
from tests.canonical_rows import NOW, SQL

RELATIONS = Relations(SQL)
KNOWN: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("athena.yaml").read_text(encoding="utf-8"))
CALLABLE = {name for names in KNOWN["functions"].values() for name in names} | {*KNOWN["keywords"], *KNOWN["types"]}
every_relation = pytest.mark.parametrize("relation", RELATIONS.values(), ids=list(RELATIONS))


def breaches(text: str) -> list[str]:
    """What Athena would not take, in the order of the text; empty when it is fine."""
    tokens = sqlglot.tokenize(text, dialect="athena")
    found = [f"function {a.text}" for a, b in pairwise(tokens) if _calls(a, b) and a.text.lower() not in CALLABLE]
    bare = " ".join("L" if token.token_type is TokenType.STRING else token.text for token in tokens)
    found += [
        f"{rule['instead']} must replace {hit[0]}" for rule in KNOWN["absent"] if (hit := re.search(rule["pattern"], bare, re.IGNORECASE))
    ]
    tree = sqlglot.parse_one(text, dialect="athena")
    found += [f"column {name}" for scope in traverse_scope(tree) for name in _unresolved(scope)]
    for node in tree.find_all(exp.Greatest, exp.Least):
        # NULL among the arguments is NULL in Trino, and passed over in DuckDB
        found += [
            f"{part.sql()} may be NULL" for part in (node.this, *node.expressions) if not isinstance(part, exp.Coalesce | exp.Literal)
        ]
    for node in tree.find_all(exp.Div):
        # whole numbers divide to a whole number in Trino
        if not (isinstance(node.this, exp.Cast) and node.this.to.is_type("double")):
            found.append(f"{node.sql()} may be cut to a whole number")
    return found


def _calls(word: Token, after: Token) -> bool:
    return after.token_type is TokenType.L_PAREN and word.text[:1].isalpha()


def _unresolved(scope: Scope) -> Iterator[str]:
    """Names that a SELECT uses and no relation of its FROM has, or more than one; its own aliases count in ORDER BY only."""
    select = scope.expression
    if not isinstance(select, exp.Select):
        return
    sources = {name: _outputs(source) for name, source in scope.sources.items() if _is_read(select, name)}
    aliases = {column.alias_or_name for column in select.selects}
    for column in scope.columns:
        holders = [name for name, columns in sources.items() if column.name in columns and column.table in ("", name)]
        if len(holders) != 1 and not (column.find_ancestor(exp.Order) and not column.find_ancestor(exp.Window) and column.name in aliases):
            yield column.sql()


def _is_read(select: exp.Select, name: str) -> bool:
    joined = [select.args["from_"].this, *(join.this for join in select.args.get("joins") or ())] if select.args.get("from_") else []
    return name in {table.alias_or_name for table in joined}


def _outputs(source: exp.Expression | Scope) -> set[str]:
    """The names that a relation gives; `*` is everything of its own FROM."""
    if isinstance(source, exp.Table):
        name = source.name.removesuffix("_stored")
        if name in REFERENCES:
            with (SQL / "reference" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                return set(next(csv.reader(file)))
        relation = RELATIONS[name]
        return set(relation.stored_names) if source.name.endswith("_stored") else {column.name for column in relation.columns}
    names: set[str] = set()
    for column in source.expression.selects:
        if column.is_star:
            table = column.table if isinstance(column, exp.Column) else ""
            read = {name for name in source.sources if _is_read(source.expression, name) and table in ("", name)}
            names |= {known for name in read for known in _outputs(source.sources[name])}
        else:
            names.add(column.alias_or_name)
    return names


def asked(relation: Relation, **kwargs: Any) -> Asked:
    """A window where the relation has a time, and each of its filters."""
    window = (date(2026, 1, 5), date(2026, 1, 6)) if relation.time else ()
    return Asked(NOW, *window, filters=dict.fromkeys(relation.filters, ("x",)), **kwargs)


@every_relation
def test_athena_understands_every_word_of_a_relation(relation: Relation) -> None:
    assert breaches(render(relation, Engine.ATHENA, asked(relation))) == []
    if relation.dimensions:
        everything = tuple(dimension.name for dimension in relation.dimensions)
        assert breaches(render(relation, Engine.ATHENA, asked(relation, by=everything))) == []
        assert breaches(render(relation, Engine.ATHENA, asked(relation, by=()))) == []


@every_relation
def test_athena_understands_every_word_of_its_checks(relation: Relation) -> None:
    for check in read_checks(relation, Engine.ATHENA):
        assert breaches(check.query) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SELECT QUANTILE_CONT(parts, 0.5) AS x FROM messages", "function QUANTILE_CONT"),
        ("SELECT LIST(parts) AS x FROM messages", "function LIST"),
        ("SELECT parts::VARCHAR AS x FROM messages", "CAST must replace ::"),
        ("SELECT message_key FROM messages WHERE message_time > TIMESTAMP '2026-01-01' + INTERVAL 1 HOUR", "must replace INTERVAL 1"),
        ("SELECT channel FROM messages GROUP BY ALL", "must replace GROUP BY ALL"),
        ("SELECT parts + 1 AS more, more + 1 AS most FROM messages", "column more"),
        ("SELECT CAST(message_time AS DATE) AS day, COUNT(*) AS n FROM messages GROUP BY day", "column day"),
        ("SELECT parts AS segments FROM messages WHERE segments > 1", "column segments"),
        ("SELECT no_such_column FROM messages", "column no_such_column"),
        ("SELECT country FROM messages AS a JOIN countries AS b ON channel = channel_name", "column channel_name"),
        ("SELECT channel FROM messages AS a JOIN receipt_trust AS b ON a.channel = b.channel", "column channel"),
        ("SELECT GREATEST(last_read_at, last_opened_at) AS x FROM messages", "last_read_at may be NULL"),
        ("SELECT parts / 2 AS x FROM messages", "may be cut to a whole number"),
    ],
)
def test_what_athena_does_not_understand_is_found(text: str, found: str) -> None:
    assert any(found in breach for breach in breaches(text))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT channel, COUNT(*) FILTER (WHERE parts > 1) AS n FROM messages GROUP BY channel ORDER BY n DESC",
        "WITH a AS (SELECT *, parts + 1 AS more FROM messages) SELECT more, ROW_NUMBER() OVER (ORDER BY more) AS x FROM a",
        "SELECT a.channel FROM messages AS a JOIN receipt_trust AS b ON a.channel = b.channel",
        "SELECT 'a::b, INTERVAL 1' AS x FROM messages WHERE message_time > TIMESTAMP '2026-01-01 00:00:00' + INTERVAL '1' HOUR",
        "SELECT CAST(parts AS DOUBLE) / 2 AS x FROM messages",
    ],
)
def test_what_athena_understands_passes(text: str) -> None:
    assert breaches(text) == []


@pytest.mark.parametrize("name", [relation.name for relation in RELATIONS.values() if relation.time])
def test_the_window_reaches_the_raw_partition_column_of_the_stored_table(name: str) -> None:
    relation = RELATIONS[name]
    stored = relation
    while stored.base is not None:
        stored = stored.base
    assert stored.stored is not None
    tree = sqlglot.parse_one(render(relation, Engine.ATHENA, asked(relation)), dialect="athena")
    (scan,) = [
        scope
        for scope in traverse_scope(tree)
        if any(isinstance(source, exp.Table) and source.name == f"{stored.name}_stored" for source in scope.sources.values())
    ]
    bounds = list(scan.expression.args["where"].find_all(exp.GTE, exp.LT))
    assert [bound.this.sql() for bound in bounds] == [stored.time, stored.time]
    assert all("UTC" in bound.expression.sql() for bound in bounds)
