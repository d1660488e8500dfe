"""Each template is a triple: the mapping, examples as they land, and the rows that it must make of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engagedb.settings import data_folder
from ingest.check_templates import check_examples
from transforms.compile import CompiledTemplate
from transforms.normalize import Normalizer

FOLDER = data_folder("templates")
EXAMPLES = sorted(FOLDER.glob("*/examples/*.json"))


def expected_of(example: Path) -> Any:
    return json.loads((example.parent.parent / "expected" / example.name).read_text("utf-8"))


def test_every_example_gives_the_expected_rows(normalizer: Normalizer) -> None:
    tried, failures = check_examples(FOLDER, normalizer, 16 * 1024 * 1024)
    assert failures == []
    assert tried == len(EXAMPLES) >= 80


def test_every_template_has_examples_and_every_expectation_its_example(templates: list[CompiledTemplate]) -> None:
    assert {path.parent.parent.name for path in EXAMPLES} == {template.template.source for template in templates}
    assert {path.parent.parent / "expected" / path.name for path in EXAMPLES} == set(FOLDER.glob("*/expected/*.json"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_an_example_goes_the_whole_way_and_its_person_stands_nowhere_in_clear(example: Path, make: Callable[[Any], Any]) -> None:
    expected, made = expected_of(example), make(example.read_bytes())
    if isinstance(expected, dict):
        assert {"dead_letter": made[0].reason} == expected
        return
    assert [(one.kind, one.values.get("stage")) for one in made] == [(row.get("kind", "event"), row.get("stage")) for row in expected]
    for one, row in zip(made, expected, strict=True):
        if "recipient_id" in row:
            assert row["recipient_id"].lower() not in json.dumps(one.values, default=str, ensure_ascii=False).lower()
        has_key = row.get("has_message", True) and "message_id" in row and (row.get("channel") != "email" or "recipient_id" in row)
        assert (one.values.get("message_key") is not None) == (has_key and one.kind == "event")
