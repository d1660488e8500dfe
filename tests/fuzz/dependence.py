"""Which columns may change with a place of the payload, told from a template's syntax trees alone: the paths that an
expression names, and all that the lets and loops name which it goes through. Coarser than the engine, and never narrower."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from jinja2 import nodes

from engagedb.settings import data_folder
from ingest.templates import load_templates
from transforms.template import Expression, Template

Path = tuple[str, ...]

# What the engine makes of a template's columns.
_DERIVED: Final = {
    "recipient_id": {"recipient_domain", "number_range", "recipient_country"},
    "originator": {"originator_type"},
    "channel": {"originator_type", "feedback_expected"},
    "direction": {"feedback_expected"},
    "link": {"link_domain"},
    "tags": {"customer_id"},
}


def columns_reading(source: str, path: tuple[Any, ...]) -> set[str]:
    """The columns whose expressions name the path, something above it or something below it, with what is made of them."""
    keys = tuple(str(key) for key in path)
    columns = {
        name
        for name, named in _named_paths(source).items()
        if any(keys[: len(other)] == other or other[: len(keys)] == keys for other in named)
    }
    return columns.union(*(_DERIVED.get(column, set()) for column in columns))


@lru_cache
def _named_paths(source: str) -> dict[str, set[Path]]:
    template = next(t.template for t in load_templates(str(data_folder("templates"))) if t.template.source == source)
    shaping = set().union(*(_paths(template, e.tree) for e in (*template.for_each.values(), template.when) if e is not None))
    shaping |= set(template.parse)
    return {name: _paths(template, expression.tree) | shaping for name, expression in template.columns.items()}


def _paths(template: Template, node: nodes.Node) -> set[Path]:
    chain: list[str] = []
    root = node
    while isinstance(root, nodes.Getattr) or (isinstance(root, nodes.Getitem) and isinstance(root.arg, nodes.Const)):
        chain.append(root.attr if isinstance(root, nodes.Getattr) else str(root.arg.as_const()))
        root = root.node
    if not isinstance(root, nodes.Name):
        return set().union(*(_paths(template, child) for child in node.iter_child_nodes()))
    behind: Expression | None = template.let.get(root.name) or template.for_each.get(root.name)
    if behind is not None:
        return _paths(template, behind.tree)
    return {tuple(reversed(chain))} if root.name == "self" else {(root.name, *reversed(chain))}
