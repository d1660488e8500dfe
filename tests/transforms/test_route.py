"""One function tells which templates match, and tells what each of them tells alone."""

from __future__ import annotations

import random

import orjson
import pytest

from engagedb.settings import data_folder
from ingest.templates import load_templates
from transforms.compile import CompiledTemplate, compile_template
from transforms.route import compile_route, route_source
from transforms.template import load_template

ARRIVAL = {"detail_type": None, "region": None}


def template(name: str, match: str, more: str = "") -> CompiledTemplate:
    return compile_template(
        load_template(
            f'source: {name}\nmatch: "{match}"\nidentity: [a]\nevent:\n  event_time: "{{{{ a | timestamp }}}}"\n{more}', f"{name}.yaml"
        )
    )


def test_every_template_that_matches_is_named_in_order() -> None:
    words = "lookups:\n  words: {x: known, default: none}\n"
    templates = [
        template("one", "kind is string and kind | starts_with('A_')"),
        template("two", "kind is string and not kind | starts_with('B_')"),
        template("three", "a.b is mapping or arrival.region == 'eu-west-2'"),
        template("four", "kind | lookup(words) == 'known'", words),
        template("five", "kind | lookup(words) == 'other'", "lookups:\n  words: {x: other, default: none}\n"),
    ]
    route = compile_route(templates)
    assert route({"kind": "A_1"}, ARRIVAL) == [0, 1]
    assert route({"kind": "B_1", "a": {"b": {}}}, ARRIVAL) == [2]
    assert route({"kind": "x"}, ARRIVAL | {"region": "eu-west-2"}) == [1, 2, 3, 4]
    assert route({}, ARRIVAL) == []


def test_what_templates_share_is_read_and_asked_once() -> None:
    templates = [
        template("one", "kind is string and place.name == 'here'"),
        template("two", "kind is none and other is defined"),
        template("three", "kind is none and other is defined"),
        template("four", "arrival.region is defined"),
    ]
    assert route_source(templates).splitlines() == [
        "def route(record, arrival):",
        "    found = []",
        "    if type(record) is dict: get = record.get; p1 = get('kind'); p2 = get('other')",
        "    else: p1 = p2 = None",
        "    if ((type(p1) is str) and (item(record.get('place'), 'name') == 'here')): found.append(0)",
        "    if (m1 := ((p1 is None) and (p2 is not None))): found.append(1)",
        "    if m1: found.append(2)",
        "    if (arrival.get('region') is not None): found.append(3)",
        "    return found",
    ]


@pytest.mark.parametrize("seed", range(5))
def test_shipped_templates_are_told_as_each_tells_itself(seed: int) -> None:
    templates = load_templates(str(data_folder("templates")))
    route = compile_route(templates)
    chance = random.Random(seed)
    documents = [orjson.loads(path.read_bytes()) for path in sorted(data_folder("templates").glob("*/examples/*.json"))]
    payloads = [document.get("payload", document) for document in documents if isinstance(document, dict)]
    for payload in payloads:
        mixed = {key: value for other in (payload, chance.choice(payloads)) for key, value in other.items() if chance.random() > 0.2}
        for one in (payload, mixed):
            assert route(one, ARRIVAL) == [place for place, each in enumerate(templates) if each.matches(one, ARRIVAL)]
