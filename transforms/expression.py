"""Python source for the syntax tree of one template expression.

Every construct that is not written here is refused at load: calls, slices, keyword arguments, statements and
unregistered filters. Paths such as `mail.tags` become local variables, computed once in the scope that holds their
root, whichever expressions use them.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from jinja2 import nodes

from engagedb.errors import ConfigurationError
from transforms.filters import FILTERS, TESTS
from transforms.template import Expression, Template

_BINARY: Final = {
    nodes.Add: "add", nodes.Sub: "subtract", nodes.Mul: "multiply", nodes.Div: "divide",
    nodes.FloorDiv: "floor_divide", nodes.Mod: "modulo",
}  # fmt: skip
_KINDS: Final = {"string": "str", "mapping": "dict", "sequence": "list", "boolean": "bool"}
_OF_TEXT: Final = {"lower": "lower", "upper": "upper", "trim": "strip"}  # methods of text, none for everything else
_OF_TWO_TEXTS: Final = {"split": "split", "starts_with": "startswith", "ends_with": "endswith"}  # the last two: false for all but none
_ORDERINGS: Final = {"lt": "less", "lteq": "less_or_equal", "gt": "greater", "gteq": "greater_or_equal"}


Line = tuple[str, Expression | None]
"""A statement, and the expression that it is of."""


@dataclass(slots=True)
class Scope:
    """The statements of one loop level (level 0 is the record). Members of one mapping are taken together, where the first is used:

    if type(p1) is dict: get = p1.get; p2 = get('a'); p3 = get('b')
    else: p2 = p3 = None
    """

    statements: list[Line | dict[str, str]] = field(default_factory=list)
    members: dict[str, dict[str, str]] = field(default_factory=dict)  # by the variable of the mapping: key -> variable
    owners: dict[int, str] = field(default_factory=dict)

    def add(self, line: str, origin: Expression | None) -> None:
        """One statement more."""
        self.statements.append((line, origin))

    def member(self, mapping: str, key: str, variable: Callable[[], str]) -> str:
        """The variable that holds the mapping's member."""
        known = self.members.get(mapping)
        if known is None:
            known = self.members[mapping] = {}
            self.statements.append(known)
            self.owners[id(known)] = mapping
        if key not in known:
            known[key] = variable()
        return known[key]

    @property
    def lines(self) -> list[Line]:
        """The statements in Python."""
        lines: list[Line] = []
        for statement in self.statements:
            if isinstance(statement, tuple):
                lines.append(statement)
                continue
            mapping = self.owners[id(statement)]
            taken = "; ".join(f"{variable} = get({key!r})" for key, variable in statement.items())
            lines.append((f"if type({mapping}) is dict: get = {mapping}.get; {taken}", None))
            lines.append((f"else: {' = '.join(statement.values())} = None", None))
        return lines


@dataclass(frozen=True, slots=True)
class Binding:
    """A name of a template: its Python variable and the loop level at which it exists."""

    variable: str
    level: int


class ExpressionWriter:
    """Writes expressions of one template. `bindings` grows as lets and loops are written, `counter` with every variable.

    `row` is what stands behind `when`, once that is written: then what no scope knows yet is computed there.
    """

    def __init__(self, template: Template, scopes: list[Scope], counter: int = 0) -> None:
        self.template = template
        self.scopes = scopes
        self.row: Scope | None = None
        self.bindings: dict[str, Binding] = {"self": Binding("record", 0), "arrival": Binding("arrival", 0)}
        self.counter = counter
        self._current: Expression | None = None

    def write(self, expression: Expression) -> str:
        """Python source of the expression. Raises ConfigurationError naming file and line."""
        self._current = expression
        return self._node(expression.tree)

    def new_variable(self, prefix: str) -> str:
        self.counter += 1
        return f"{prefix}{self.counter}"

    def variable_of(self, expression: Expression, prefix: str, level: int) -> str:
        """The variable that holds the expression's value: one of its own, unless it is a path or a name."""
        source = self.write(expression)
        if source.isidentifier():
            return source
        variable = self.new_variable(prefix)
        (self.scopes[level] if self.row is None else self.row).add(f"{variable} = {source}", expression)
        return variable

    def _refuse(self, what: str) -> ConfigurationError:
        assert self._current is not None
        return ConfigurationError(f"{self.template.file}:{self._current.line} {self._current.label}: {what}")

    def _node(self, node: nodes.Node) -> str:
        match node:
            case nodes.Const():
                return repr(node.value)
            case nodes.Name():
                return self._name(node.name)
            case nodes.Getattr() | nodes.Getitem():
                return self._access(node)
            case nodes.Filter():
                return self._filter(node)
            case nodes.Test():
                return self._test(node)
            case nodes.Compare():
                return self._compare(node)
            case nodes.And():
                return f"({self._node(node.left)} and {self._node(node.right)})"
            case nodes.Or():
                return f"({self._node(node.left)} or {self._node(node.right)})"
            case nodes.Not():
                return f"(not {self._node(node.node)})"
            case nodes.Neg():
                return f"negate({self._node(node.node)})"
            case nodes.CondExpr():
                otherwise = self._node(node.expr2) if node.expr2 is not None else "None"
                return f"({self._node(node.expr1)} if {self._node(node.test)} else {otherwise})"
            case nodes.Concat():
                return f"concat({', '.join(self._node(part) for part in node.nodes)})"
            case nodes.List():
                return f"[{', '.join(self._node(member) for member in node.items)}]"
            case nodes.Dict():
                return "{" + ", ".join(f"{self._node(pair.key)}: {self._node(pair.value)}" for pair in node.items) + "}"
            case nodes.BinExpr() if type(node) in _BINARY:
                return f"{_BINARY[type(node)]}({self._node(node.left)}, {self._node(node.right)})"
            case nodes.Call():
                raise self._refuse("calls are not allowed; use a filter.")
        raise self._refuse(f"{type(node).__name__} is not part of the template language.")

    def _name(self, name: str) -> str:
        if name in self.template.lookups:
            raise self._refuse(f"{name} is a lookup; write `value | lookup({name})`.")
        if name.startswith("_"):
            raise self._refuse(f"the name {name} starts with _.")
        bound = self.bindings.get(name)
        if bound is not None:
            return bound.variable
        if name == "item":
            return "None"  # without for_each there is no item
        return self._member("record", 0, name)

    def _member(self, variable: str, level: int, key: str) -> str:
        scope = self.scopes[level]
        if self.row is not None and key not in scope.members.get(variable, ()):
            scope = self.row
        return scope.member(variable, key, lambda: self.new_variable("p"))

    def _access(self, node: nodes.Getattr | nodes.Getitem) -> str:
        if isinstance(node, nodes.Getattr):
            key: Any = node.attr
            if key.startswith("_"):
                raise self._refuse(f"the name {key} starts with _.")
        elif isinstance(node.arg, nodes.Const):
            key = node.arg.value
        elif isinstance(node.arg, nodes.Slice):
            raise self._refuse("slices are not allowed.")
        else:
            return f"item({self._node(node.node)}, {self._node(node.arg)})"
        base = self._node(node.node)
        level = self._level(node.node)
        if isinstance(key, str) and level is not None:
            return self._member(base, level, key)
        held = self.new_variable("t")
        if isinstance(key, str):
            return f"({held}.get({key!r}) if type({held} := {base}) is dict else None)"
        if type(key) is int and key >= 0:
            member = f"{held}[{key}] if type({held}) is list and len({held}) > {key} else item({held}, {key})"
            return f"(None if ({held} := {base}) is None else {member})"
        return f"item({base}, {key!r})"

    def _level(self, node: nodes.Node) -> int | None:
        """The scope of a pure path's root; none for anything computed."""
        while isinstance(node, nodes.Getattr) or (
            isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str)
        ):
            node = node.node
        if not isinstance(node, nodes.Name):
            return None
        bound = self.bindings.get(node.name)
        return bound.level if bound else (None if node.name == "item" else 0)

    def _filter(self, node: nodes.Filter) -> str:
        if node.node is None or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise self._refuse(f"filter {node.name}: plain arguments only.")
        if node.name == "lookup":
            return self._lookup(node)
        value, arguments = self._node(node.node), [self._node(argument) for argument in node.args]
        held = self.new_variable("t")
        if node.name == "default":
            if len(arguments) != 1:
                raise self._refuse("filter default: one argument is needed.")
            return f"({arguments[0]} if ({held} := {value}) is None else {held})"
        if node.name not in FILTERS:
            close = difflib.get_close_matches(node.name, [*FILTERS, "lookup", "default"], n=1)
            raise self._refuse(f"unknown filter {node.name}.{f' Did you mean {close[0]}?' if close else ''}")
        wanted = FILTERS[node.name].__code__.co_argcount - 1
        if len(arguments) != wanted:
            raise self._refuse(f"filter {node.name}: {wanted} argument(s) needed, {len(arguments)} given.")
        if node.name in _OF_TEXT:
            return f"({held}.{_OF_TEXT[node.name]}() if type({held} := {value}) is str else None)"
        if node.name in _OF_TWO_TEXTS and isinstance(node.args[0], nodes.Const) and node.args[0].value and type(node.args[0].value) is str:
            asked = f"{held}.{_OF_TWO_TEXTS[node.name]}({arguments[0]})"
            of_others = "None" if node.name == "split" else f"None if {held} is None else False"
            return f"({asked} if type({held} := {value}) is str else {of_others})"
        call = f"f_{node.name}({', '.join([held, *arguments])})"
        return f"(None if ({held} := {value}) is None else {call})"

    def _lookup(self, node: nodes.Filter) -> str:
        table = node.args[0] if len(node.args) == 1 else None
        if not isinstance(table, nodes.Name) or table.name not in self.template.lookups:
            raise self._refuse(f"filter lookup: name one of the lookups: {', '.join(self.template.lookups) or 'there are none'}.")
        assert node.node is not None
        default = self.template.lookups[table.name]["default"]
        held, entries = self.new_variable("t"), f"l_{table.name}"
        is_text = f"type({held} := {self._node(node.node)}) is str or {held} is None"
        return f"({entries}.get({held} or '', {default!r}) if {is_text} else look_up({entries}, {held}, {default!r}))"

    def _test(self, node: nodes.Test) -> str:
        if node.name not in TESTS or node.args or node.kwargs:
            raise self._refuse(f"unknown test {node.name}; known are {', '.join(TESTS)}.")
        value = self._node(node.node)
        if node.name in ("defined", "none"):
            return f"({value} is {'not ' if node.name == 'defined' else ''}None)"
        if node.name in _KINDS:
            return f"(type({value}) is {_KINDS[node.name]})"
        return f"is_{node.name}({value})"

    def _compare(self, node: nodes.Compare) -> str:
        if len(node.ops) != 1:
            raise self._refuse("write chained comparisons with `and`.")
        operation = node.ops[0]
        left, right = self._node(node.expr), self._node(operation.expr)
        match operation.op:
            case "eq":
                return f"({left} == {right})"
            case "ne":
                return f"({left} != {right})"
            case "in" | "notin":
                is_plain = isinstance(operation.expr, nodes.List) and all(isinstance(word, nodes.Const) for word in operation.expr.items)
                is_in = f"({left} in {right})" if is_plain else f"is_in({left}, {right})"
                return is_in if operation.op == "in" else f"(not {is_in})"
        return f"{_ORDERINGS[operation.op]}({left}, {right})"
