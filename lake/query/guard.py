"""One SELECT over named relations passes; everything else is refused before the engine sees it.

The engine is locked as well (lake/query/engine.py). Both are needed: a SELECT can call table functions that read files,
write logs or take raw memory addresses, and a locked engine answers some of them by ending the process.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Iterator
from typing import Any, Final

import duckdb

from engagedb.errors import ConfigurationError

# The only table functions that a query may call: they make rows of their arguments and reach nothing else.
TABLE_FUNCTIONS: Final = frozenset({"generate_series", "json_each", "json_tree", "range", "repeat", "repeat_row", "unnest"})
ONE_SELECT: Final = "A query is exactly one SELECT: the lake is read-only here."
# The database in which the AWS sample keeps its tables; they can be named with it and without.
SAMPLE_SCHEMA: Final = "engagementdb-glue-db"
# Catalogue schemas of the engine: names, types and descriptions of the relations.
CATALOGUE_SCHEMAS: Final = frozenset({"information_schema", "pg_catalog"})


def check_query(query: str, relations: Collection[str]) -> frozenset[str]:
    """Those of the relations that the text, exactly one SELECT, may read. Raises ConfigurationError saying what is wrong."""
    if not query.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in query):
        raise ConfigurationError("The query cannot be read: it holds half a character. Write it in UTF-8.")
    with duckdb.connect(":memory:") as parser:
        try:
            statements = parser.extract_statements(query)
        except duckdb.Error as error:
            raise ConfigurationError(f"The query cannot be read: {first_sentence(error)}") from None
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            words = ", ".join(statement.type.name for statement in statements) or "nothing"
            raise ConfigurationError(f"{ONE_SELECT} This text holds {words}.")
        try:
            quoted = query.replace("'", "''")  # given as a parameter it would import pandas
            tree = json.loads(parser.execute(f"SELECT json_serialize_sql('{quoted}')").fetchall()[0][0])
        except RecursionError:
            raise ConfigurationError(
                "The query cannot be read: it is nested too deeply. Replace long chains of operators by IN or a join."
            ) from None
    if tree["error"]:
        raise ConfigurationError(f"{ONE_SELECT} This text is another statement.")
    nodes = list(_nodes(tree["statements"]))
    _check_functions(nodes)
    known = {name.lower(): name for name in relations}
    named = _named_relations(nodes, set(known))
    return frozenset(relations) if named is None else frozenset(known[name] for name in named)


def unknown_relation(name: str, relations: Collection[str]) -> ConfigurationError:
    """The error for a name that is no relation, with the nearest names."""
    known = sorted(relations)
    near = difflib.get_close_matches(name.lower(), known, n=2, cutoff=0.7) or difflib.get_close_matches(
        name.lower(), known, n=1, cutoff=0.55
    )
    near = near or [known for known in sorted(relations) if known.startswith(name.lower()) or name.lower() in known][:2]
    hint = f"Did you mean {' or '.join(near)}?" if near else f"The relations are {', '.join(sorted(relations))}."
    return ConfigurationError(f"There is no relation {name}. {hint}")


def first_sentence(error: BaseException, columns: Collection[str] = ()) -> str:
    """The engine's complaint in one line, without its class word and its drawing of the query, and the name that was meant.

    `columns` are those of the relations that the query names.
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = " ".join(line for line in lines if not line.startswith(("LINE ", "^", "Did you mean", "Candidate")))
    _, _, complaint = text.partition(": ")
    return (complaint or text or type(error).__name__).strip() + _meant(str(error), columns)


def _meant(text: str, columns: Collection[str]) -> str:
    column = re.search(r'(?:Referenced column|column named) "([^"]+)"', text)
    function = re.search(r"Function with name \S+ does not exist!\s+Did you mean \"(\w+)\"", text)
    near = (
        difflib.get_close_matches(column[1].lower(), sorted(columns), n=2, cutoff=0.6) if column else function.groups() if function else ()
    )
    return f" Did you mean {' or '.join(near)}?" if near else ""


def _check_functions(nodes: list[dict[str, Any]]) -> None:
    for node in nodes:
        if node.get("type") == "TABLE_FUNCTION":
            name = str(node["function"].get("function_name", "")).lower()
            if name not in TABLE_FUNCTIONS:
                raise ConfigurationError(f"A query may not call {name}(...) as a table: it reads the lake's relations and nothing else.")


def _named_relations(nodes: list[dict[str, Any]], relations: set[str]) -> set[str] | None:
    """The relations that the tree names; None when it asks the engine's catalogue, which shows all of them."""
    common = {str(entry["key"]).lower() for node in nodes for entry in (node.get("cte_map") or {}).get("map", ())}
    named: set[str] = set()
    is_catalogue = any(node.get("type") == "SHOW_REF" for node in nodes)
    for node in nodes:
        if node.get("type") != "BASE_TABLE":
            continue
        name, schema = str(node["table_name"]), str(node["schema_name"]).lower()
        if schema in CATALOGUE_SCHEMAS:
            is_catalogue = True
        elif schema not in ("", "main", SAMPLE_SCHEMA) or name.lower() not in relations | common:
            raise unknown_relation(f"{schema}.{name}" if schema else name, relations)
        else:
            named.add(name.lower())
    return None if is_catalogue else named & relations


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every mapping of the syntax tree, without recursion, so that a deeply nested query cannot exhaust the stack."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            yield item
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
