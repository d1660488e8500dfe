"""Which columns may change with a place of the payload, told from a template's syntax trees: the top-level keys that an
expression names, directly or through lets and loops."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from jinja2 import nodes

from ingest.templates import load_templates
from ingest.transformer import Transformer
from transforms.template import Expression, Template

# What the engine makes of a template's columns.
_DERIVED: Final = {
    "recipient_id": {"recipient_domain", "number_range", "recipient_country"},
    "originator": {"originator_type"},
    "channel": {"originator_type", "feedback_expected"},
    "direction": {"feedback_expected"},
    "link": {"link_domain"},
    "tags": {"customer_id"},
}


def columns_reading(transformer: Transformer, source: str, path: tuple[Any, ...]) -> set[str]:
    """The columns whose expressions see the path's first key, with what is made of them."""
    columns = set(_columns_by_key(source).get(str(path[0]), ())) | set(_columns_by_key(source).get("self", ()))
    return columns.union(*(_DERIVED.get(column, set()) for column in columns))


@lru_cache
def _columns_by_key(source: str) -> dict[str, set[str]]:
    from engagedb.settings import data_folder

    template = next(t.template for t in load_templates(str(data_folder("templates"))) if t.template.source == source)
    found: dict[str, set[str]] = {}
    shaping = set().union(*(_keys(template, loop) for loop in template.for_each.values()), _keys(template, template.when))
    for name, expression in template.columns.items():
        for key in _keys(template, expression) | shaping:
            found.setdefault(key, set()).add(name)
    return found


def _keys(template: Template, expression: Expression | None) -> set[str]:
    pending, keys = [expression] if expression else [], set()
    while pending:
        for node in nodes.Output([pending.pop().tree]).find_all(nodes.Name):
            behind = template.let.get(node.name) or template.for_each.get(node.name)
            if node.name not in keys:
                keys.add(node.name)
                pending += [behind] if behind else []
    return keys
