"""Which payload paths a template reads into columns: all other leaves go to `attributes`, so nothing is lost.

A path is a tuple of keys from the payload's root, `*` standing for any member of a list; a path that ends in `**`
covers everything below it, because a filter or a map column took the whole value. Names are followed: with
`detail: {{ bounce or open }}` the column `{{ detail.timestamp }}` reads `bounce.timestamp` and `open.timestamp`.
Choosing between values is not reading: only what flows into a column counts.
"""

from __future__ import annotations

from typing import Final

from jinja2 import nodes

from transforms.canonical import MAP
from transforms.template import Template

Path = tuple[str, ...]
Paths = frozenset[Path]

WHOLE: Final = "**"
_NOTHING: Final[Paths] = frozenset()
_SAME: Final = {"from_json", "select", "compact", "unique"}
_MEMBERS: Final = {"first", "last", "values", "flatten"}


def read_paths(template: Template) -> Paths:
    """The paths whose values flow into the template's columns."""
    flow = _Flow(template)
    reads: set[Path] = set()
    for name, expression in template.columns.items():
        as_map = template.table.column(name).type == MAP
        reads |= _whole(flow.flows(expression.tree)) if as_map else flow.flows(expression.tree)
        reads |= flow.consumed(expression.tree)
    return frozenset(reads)


def _whole(paths: Paths) -> Paths:
    return frozenset((*path, WHOLE) for path in paths)


class _Flow:
    def __init__(self, template: Template) -> None:
        self.template = template
        self.names: dict[str, Paths] = {"self": frozenset({()}), "arrival": _NOTHING, "item": _NOTHING}
        self._resolving: set[str] = set()

    def consumed(self, node: nodes.Node) -> Paths:
        """The payload paths whose values reach what the node gives through an operator or a filter below it."""
        found: set[Path] = set()
        for child in self._inputs(node):
            whole = isinstance(node, nodes.Filter) and not self.flows(node)
            found |= _whole(self.flows(child)) if whole else self.flows(child)
            found |= self.consumed(child)
        return frozenset(found)

    def _inputs(self, node: nodes.Node) -> list[nodes.Node]:
        """Children whose values are turned into something else by this node."""
        match node:
            case nodes.CondExpr():
                return [child for child in (node.expr1, node.expr2) if child is not None]
            case nodes.Getattr() | nodes.Name():
                return []
            case nodes.Getitem():
                return [node.arg]
            case nodes.Filter() if node.name == "lookup":
                return [node.node] if node.node is not None else []
            case nodes.Test():
                return []
            case nodes.Filter() if node.name in _SAME | _MEMBERS:
                return [node.node] if node.node is not None else []
        return list(node.iter_child_nodes())

    def flows(self, node: nodes.Node | None) -> Paths:
        """The payload paths that the node's value may be, unchanged."""
        match node:
            case nodes.Name():
                return self._name(node.name)
            case nodes.Getattr():
                return frozenset((*path, node.attr) for path in self.flows(node.node))
            case nodes.Getitem():
                key = node.arg.value if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str) else "*"
                return frozenset((*path, key) for path in self.flows(node.node))
            case nodes.Or() | nodes.And():
                return self.flows(node.left) | self.flows(node.right)
            case nodes.CondExpr():
                return self.flows(node.expr1) | self.flows(node.expr2)
            case nodes.List():
                return frozenset().union(*(self.flows(member) for member in node.items))
            case nodes.Filter() if node.name == "default":
                return self.flows(node.node) | self.flows(node.args[0])
            case nodes.Filter() if node.name in _SAME:
                return self.flows(node.node)
            case nodes.Filter() if node.name in _MEMBERS:
                return self.members(node.node)
        return _NOTHING

    def members(self, node: nodes.Node | None) -> Paths:
        """The payload paths that a member of the node's list may be."""
        match node:
            case nodes.List():
                return self.flows(node)
            case nodes.Or() | nodes.And():
                return self.members(node.left) | self.members(node.right)
            case nodes.CondExpr():
                return self.members(node.expr1) | self.members(node.expr2)
            case nodes.Filter() if node.name == "default":
                return self.members(node.node) | self.members(node.args[0])
            case nodes.Filter() if node.name in _SAME:
                return self.members(node.node)
        return frozenset((*path, "*") for path in self.flows(node))

    def _name(self, name: str) -> Paths:
        if name in self._resolving:
            return _NOTHING
        if name in self.template.for_each:
            self._resolving.add(name)
            found = self.members(self.template.for_each[name].tree)
            self._resolving.discard(name)
            return found
        if name in self.names:
            return self.names[name]
        if name in self.template.let:
            self._resolving.add(name)
            found = self.flows(self.template.let[name].tree)
            self._resolving.discard(name)
            return found
        return frozenset({(name,)})
