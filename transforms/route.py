"""Which templates match a record, asked once for all of them.

    def route(record, arrival):
        found = []
        p1 = record.get('eventType') ...
        if ((isinstance(p1, str)) and ...): found.append(0)
        if ...: found.append(1)
        return found

What several conditions read is read once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from jinja2 import nodes

from transforms.compile import NAMES, CompiledTemplate
from transforms.expression import ExpressionWriter, Scope

Route = Callable[[dict[str, Any], dict[str, Any]], list[int]]


def compile_route(templates: Sequence[CompiledTemplate]) -> Route:
    """The places in `templates` of those that match a record, in order."""
    scope = Scope()
    conditions = []
    names = dict(NAMES)
    counter = 0
    for place, compiled in enumerate(templates):
        template = compiled.template
        if any(node.name == "lookup" for node in nodes.Output([template.match.tree]).find_all(nodes.Filter)):
            names[f"matches_{place}"] = compiled.matches  # its tables have names of their own
            conditions.append(f"matches_{place}(record, arrival)")
            continue
        writer = ExpressionWriter(template, [scope], counter)
        conditions.append(writer.write(template.match))
        counter = writer.counter
    lines = ["found = []", *(line for line, _ in scope.lines)]
    lines += [f"if {condition}: found.append({place})" for place, condition in enumerate(conditions)]
    code = "\n    ".join(["def route(record, arrival):", *lines, "return found"])
    exec(compile(code, "<route>", "exec"), names)  # source written above from checked syntax trees only
    made: Route = names["route"]
    return made
