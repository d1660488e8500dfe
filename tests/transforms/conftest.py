"""A small template for the tests of the engine."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from transforms.compile import CompiledTemplate, compile_template
from transforms.template import load_template

HEAD = """
source: post
match: "id is defined"
identity: [id]
"""


@pytest.fixture
def post() -> Callable[..., CompiledTemplate]:
    """Compiles a template from its `event` lines; `more` holds further top-level keys."""

    def build(event: str, more: str = "") -> CompiledTemplate:
        if "event_time" not in event:
            event += '\nevent_time: "{{ when | timestamp }}"'
        columns = "".join(f"  {line.strip()}\n" for line in event.strip().splitlines())
        return compile_template(load_template(f"{HEAD}{more}\nevent:\n{columns}", "templates/post/template.yaml"))

    return build
