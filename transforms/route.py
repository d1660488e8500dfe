"""Which templates match a record, asked once for all of them.

    def route(record, arrival):
        found = []
        if type(record) is dict: get = record.get; p1 = get('eventType'); p2 = get('entry') ...
        if type(record.get('messageFeedback')) is dict: found.append(0)
        if ((type(p1) is str) and ...): found.append(1)
        if (m2 := (type(p2) is list)): found.append(2)
        if m2: found.append(3)
        return found

What several templates read is read once; what one reads, only when its condition comes to it. A condition that several
share is asked once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import nodes

from transforms.compile import NAMES, CompiledTemplate
from transforms.expression import ExpressionWriter, Scope

Route = Callable[[dict[str, Any], dict[str, Any]], list[int]]


@dataclass(slots=True)
class _Reading(Scope):
    """Only the `shared` keys of the record become variables."""

    shared: frozenset[str] = frozenset()

    def member(self, mapping: str, key: str, variable: Callable[[], str]) -> str:
        if mapping == "record" and key in self.shared:
            return Scope.member(self, mapping, key, variable)
        return f"{mapping}.get({key!r})" if mapping in ("record", "arrival") else f"item({mapping}, {key!r})"


def compile_route(templates: Sequence[CompiledTemplate]) -> Route:
    """The places in `templates` of those that match a record, in order."""
    names: dict[str, Any] = {**NAMES, **{f"matches_{place}": compiled.matches for place, compiled in enumerate(templates)}}
    exec(compile(route_source(templates), "<route>", "exec"), names)  # source written here from checked syntax trees only
    made: Route = names["route"]
    return made


def route_source(templates: Sequence[CompiledTemplate]) -> str:
    """The source of `route`."""
    readers = Counter(name for compiled in templates for name in compiled.template.match.names)
    scope = _Reading(shared=frozenset(name for name, count in readers.items() if count > 1))
    conditions = []
    counter = 0
    for place, compiled in enumerate(templates):
        template = compiled.template
        if any(node.name == "lookup" for node in nodes.Output([template.match.tree]).find_all(nodes.Filter)):
            conditions.append(f"matches_{place}(record, arrival)")  # its tables have names of their own
            continue
        writer = ExpressionWriter(template, [scope], counter)
        conditions.append(writer.write(template.match))
        counter = writer.counter
    lines = ["found = []", *(line for line, _ in scope.lines)]
    for place, condition in enumerate(conditions):
        first = conditions.index(condition)
        if conditions.count(condition) > 1:
            condition = f"(m{first} := {condition})" if place == first else f"m{first}"
        lines.append(f"if {condition}: found.append({place})")
    return "\n    ".join(["def route(record, arrival):", *lines, "return found"])
