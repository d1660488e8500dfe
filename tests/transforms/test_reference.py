"""Speed never changes meaning: compiled templates and plain Jinja2 give the same rows for the same payloads."""

from __future__ import annotations

import copy
import random
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engagedb.errors import Rejected
from engagedb.settings import data_folder
from ingest.templates import load_templates
from transforms.compile import CompiledTemplate, compile_template
from transforms.reference import PlainTemplate
from transforms.template import load_template

SCALARS = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "2024-10-16T17:20:24Z", "7", "x@example.com", 1729099224788])
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcde"), inner, max_size=3), max_leaves=6
)
EXPRESSIONS = [
    "d | timestamp",
    "a", "a.b", "a['b'].c", "a[0]", "a[b]", "a or b", "a and b.c", "not a", "a if b else c", "a if b", "a ~ '-' ~ b", "a + b", "a - 1",
    "a * b", "a / b", "a // b", "a % b", "-a", "a < b", "a >= b", "a == b", "a != b.c", "a in b", "a not in b", "a is defined",
    "a is none", "a is string", "b | default(a)", "a | text", "a | first | text", "a | upper | default('none')", "a | map('b') | compact",
    "a | select('b', c) | first", "[a, b.c, none] | compact | length", "{'x': a, 'y': b}", "a | integer + 1",
    "[a | lookup(words), b | lookup(gaps)]", "late", "[(a or b)[1], (a or b)['c']]", "a in [1, 'a', none]",
    "item ~ a", "item.b or item", "self.a", "held.b", "held | keys", "arrival.region ~ a", "a | from_json | keys | join('')",
]  # fmt: skip


@cache
def everything() -> CompiledTemplate:
    columns = "".join(f'  {name}: "{{{{ {e} }}}}"\n' for name, e in zip(_columns(), EXPRESSIONS, strict=False))
    text = f"""
source: everything
match: "a is defined or b"
identity: [a, b.c or c]
let:
  held: "{{{{ a or b }}}}"
  asked: "{{{{ item if held is defined else 1 }}}}"
  late: "{{{{ e | money if item in [2, 'a'] else held ~ item ~ asked }}}}"
for_each: "{{{{ c or [none] }}}}"
when: "{{{{ asked != 2 }}}}"
has_message: "{{{{ item }}}}"
event:
{columns}
lookups:
  words: {{a: letter, "7": number, default: nothing}}
  gaps: {{"": gap, default: none}}
"""
    return compile_template(load_template(text, "everything.yaml"))


def _columns() -> list[str]:
    from transforms.canonical import EVENTS
    from transforms.template import _ENGINE_COLUMNS

    return ["event_time", *(name for name in EVENTS.names if name not in _ENGINE_COLUMNS | {"event_time"})]


def outcome(evaluate: Any) -> Any:
    try:
        return evaluate()
    except Rejected as refusal:
        return refusal.reason


PLAIN: dict[str, PlainTemplate] = {}


def plainly(template: CompiledTemplate) -> PlainTemplate:
    version = template.template.version
    if version not in PLAIN:
        PLAIN[version] = PlainTemplate(template.template)
    return PLAIN[version]


def same(template: CompiledTemplate, payload: dict[str, Any], arrival: dict[str, Any]) -> bool:
    compiled = outcome(lambda: template.evaluate(payload, arrival))
    plain = outcome(lambda: plainly(template).evaluate(payload, arrival))
    return repr(compiled) == repr(plain)  # repr tells 1 from True and 1.0


def test_every_expression_stands_in_a_column() -> None:
    assert len(everything().columns) == len(EXPRESSIONS)


@example(payload={"a": 1, "c": [2], "e": "no price"})
@example(payload={"a": 1, "c": [2, "a"], "e": "no price"})
@settings(max_examples=300, deadline=None)
@given(payload=st.dictionaries(st.sampled_from("abcde"), VALUES, max_size=5))
def test_any_payload_gives_the_same_rows_both_ways(payload: dict[str, Any]) -> None:
    assert same(everything(), payload, {"region": "eu-west-2"})


@cache
def shipped() -> tuple[CompiledTemplate, ...]:
    return tuple(load_templates(str(data_folder("templates"))))


def shipped_examples() -> list[Path]:
    return sorted(data_folder("templates").glob("*/examples/*.json"))


def _spoiled(value: Any, chance: random.Random) -> Any:
    """The payload with some values replaced, removed or of another kind."""
    if chance.random() < 0.05:
        return chance.choice([None, "", 0, "\u202e\"'\n\t\\", [], {}, True, -1, "0001-01-01", [None], {"a": 1}])
    if isinstance(value, dict):
        return {key: _spoiled(member, chance) for key, member in value.items() if chance.random() > 0.03}
    if isinstance(value, list):
        return [_spoiled(member, chance) for member in value]
    return value


@pytest.mark.parametrize("example", shipped_examples(), ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_shipped_templates_mean_the_same_both_ways_on_their_examples(example: Path) -> None:
    document = orjson.loads(example.read_bytes())
    payload = document.get("payload", document)
    chance = random.Random(example.name)
    arrival = {"stated_at": None, "received_at": None, "account_id": None, "region": None, "detail_type": None, "resources": []}
    for round_number in range(8):
        spoiled = _spoiled(copy.deepcopy(payload), chance) if round_number else payload
        for template in shipped():
            if isinstance(spoiled, dict) and template.matches(spoiled, arrival):
                assert same(template, spoiled, arrival), template.template.source
