"""What of a template decides whether an event is recognised again: its identity, and the rule of its time.

Two versions of a template with the same fingerprint make the same event ids (or times) from the same records, however
else they differ.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from jinja2 import nodes

from transforms.template import Expression, Template


def identity_fingerprint(template: Template) -> str:
    """Digest of everything that the event ids of a source hang on."""
    return _digest(template, template.identity)


def time_fingerprint(template: Template) -> str:
    """Digest of everything that the event time (or notice time) of a source hangs on."""
    return _digest(template, [template.columns[f"{template.kind}_time"]])


def _digest(template: Template, expressions: Iterable[Expression]) -> str:
    """Syntax trees, so that spelling and comments do not count, with every let, loop and lookup that they use."""
    told: dict[str, str] = {}
    pending = [expression.tree for expression in expressions]
    parts = [repr(tree) for tree in pending]
    while pending:
        for name in _names(pending.pop()):
            behind = template.let.get(name) or template.for_each.get(name)
            if name not in told:
                told[name] = repr(behind.tree) if behind else repr(template.lookups.get(name))
                pending += [behind.tree] if behind else []
    parts += [f"{name}={told[name]}" for name in sorted(told)]
    parts += [f"loop {name}" for name in template.for_each]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _names(tree: nodes.Node) -> set[str]:
    return {node.name for node in nodes.Output([tree]).find_all(nodes.Name)}
