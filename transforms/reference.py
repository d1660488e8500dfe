"""The reference for compiled templates: Jinja2's own evaluation of the same expressions, one by one.

Slow and plain on purpose. A property test holds it equal to `transforms.compile`, so speed can never change meaning.
The environment differs from stock Jinja2 only by the rule for authors: missing, null and none are one, access is to
items only, and operators never raise.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, Final

import jinja2
from jinja2 import compiler, nodes

from transforms import operators
from transforms.compile import EvaluatedRow, Loops
from transforms.filters import FILTERS, TESTS
from transforms.template import Expression, Template

_OPERATORS: Final = {
    nodes.Add: operators.add, nodes.Sub: operators.subtract, nodes.Mul: operators.multiply, nodes.Div: operators.divide,
    nodes.FloorDiv: operators.floor_divide, nodes.Mod: operators.modulo,
}  # fmt: skip
_ORDERINGS: Final = {
    "lt": operators.less, "lteq": operators.less_or_equal, "gt": operators.greater, "gteq": operators.greater_or_equal,
    "in": operators.is_in,
}  # fmt: skip

_RESULT: Final = "_result"
_ROOT: Final = "_root"  # Jinja2 keeps the name `self` to itself; no template may spell a name with _ in front


class PlainEnvironment(jinja2.Environment):
    """Jinja2 under the rule for authors."""

    def __init__(self, lookups: dict[str, dict[str, Any]]) -> None:
        super().__init__(autoescape=False, optimized=False)
        self.filters = {name: _passing_none(function) for name, function in FILTERS.items()}
        self.filters["default"] = lambda value, other: other if value is None else value
        self.filters["lookup"] = lambda value, table: table.get(operators.as_text(value) or "", table["default"])
        self.filters |= {f"op_{f.__name__}": f for f in _plain_operators()}
        self.filters |= {f"op_{kind.__name__}": f for kind, f in _OPERATORS.items()}
        self.filters |= {f"op_{name}": f for name, f in _ORDERINGS.items()}
        self.tests = dict(TESTS)
        self.globals = dict(lookups)
        self.names_of: dict[int, set[str]] = {}

    def getattr(self, obj: Any, attribute: str) -> Any:
        return operators.item(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return operators.item(obj, argument)

    def program(self, expression: Expression) -> jinja2.Template:
        """The expression, compiled by Jinja2 into a module that assigns its value."""
        tree = _rewritten(nodes.Template([nodes.Output([copy.deepcopy(expression.tree)])], lineno=1)).body[0].nodes[0]
        template = nodes.Template([nodes.Assign(nodes.Name(_RESULT, "store", lineno=1), tree, lineno=1)], lineno=1)
        template.set_environment(self)
        source = str(compiler.generate(template, self, None, None))
        program = jinja2.Template.from_code(self, compile(source, "<plain>", "exec"), dict(self.globals), None)
        self.names_of[id(program)] = {node.name for node in template.find_all(nodes.Name)} - {_RESULT} - set(self.globals)
        return program


class PlainTemplate:
    """A template whose every expression is evaluated by Jinja2, one by one."""

    def __init__(self, template: Template) -> None:
        self._template = template
        self._environment = PlainEnvironment(template.lookups)
        self._programs: dict[int, jinja2.Template] = {}
        self._behind_when: set[str] = set()  # lets that neither `when` nor a loop needs
        if template.when is not None:
            asked = (template.when, *template.for_each.values())
            self._behind_when = set(template.let).difference(*(_names_behind(template, expression) for expression in asked))

    def evaluate(self, record: dict[str, Any], arrival: dict[str, Any]) -> list[EvaluatedRow]:
        """The rows that the record gives. Raises Rejected as the compiled template does."""
        names = {**record, _ROOT: record, "arrival": arrival, "item": None}
        return list(self._rows(names, list(self._template.for_each), ()))

    def _value(self, expression: Expression, names: dict[str, Any]) -> Any:
        program = self._programs.get(id(expression))
        if program is None:
            program = self._programs[id(expression)] = self._environment.program(expression)
        used = self._environment.names_of[id(program)]
        context = program.new_context({name: names.get(name) for name in used})
        for _ in program.root_render_func(context):
            pass
        return context.vars.get(_RESULT)

    def _rows(self, names: dict[str, Any], loops: list[str], chosen: Loops) -> Iterator[EvaluatedRow]:
        template = self._template
        for name, expression in template.let.items():
            if name not in self._behind_when and not _names_behind(template, expression) & set(loops):
                names = {**names, name: self._value(expression, names)}
        if loops:
            members = self._value(template.for_each[loops[0]], names)
            for member in members if isinstance(members, list) else []:
                yield from self._rows({**names, loops[0]: member}, loops[1:], (*chosen, (members, member)))
            return
        if template.when is not None and not self._value(template.when, names):
            return
        for name, expression in template.let.items():
            if name in self._behind_when:
                names = {**names, name: self._value(expression, names)}
        values = tuple(self._value(expression, names) for expression in template.columns.values())
        identity = tuple(self._value(expression, names) for expression in template.identity)
        has_message = template.has_message is None or bool(self._value(template.has_message, names))
        yield values, identity, has_message, chosen


def _names_behind(template: Template, expression: Expression) -> set[str]:
    """Names that an expression uses, also through lets."""
    return expression.names.union(*(_names_behind(template, template.let[name]) for name in expression.names if name in template.let))


def _passing_none(function: Any) -> Any:
    return lambda value, *arguments: None if value is None else function(value, *arguments)


def _plain_operators() -> tuple[Any, ...]:
    return (operators.concat, operators.negate)


def _rewritten(node: Any) -> Any:
    """The tree with operators as filters, so that Jinja2 applies ours."""
    for name in node.fields:
        value = getattr(node, name)
        if isinstance(value, list):
            setattr(node, name, [_rewritten(member) if isinstance(member, nodes.Node) else member for member in value])
        elif isinstance(value, nodes.Node):
            setattr(node, name, _rewritten(value))
    if isinstance(node, nodes.Name) and node.name == "self":
        node.name = _ROOT
    if type(node) in _OPERATORS:
        return _as_filter(type(node).__name__, node.left, [node.right])
    if isinstance(node, nodes.Concat):
        return _as_filter("concat", node.nodes[0], node.nodes[1:])
    if isinstance(node, nodes.Neg):
        return _as_filter("negate", node.node, [])
    if isinstance(node, nodes.Compare) and node.ops[0].op in (*_ORDERINGS, "notin"):
        name = node.ops[0].op
        compared = _as_filter("in" if name == "notin" else name, node.expr, [node.ops[0].expr])
        return nodes.Not(compared, lineno=1) if name == "notin" else compared
    if isinstance(node, nodes.CondExpr) and node.expr2 is None:
        node.expr2 = nodes.Const(None, lineno=1)
    return node


def _as_filter(name: str, value: Any, arguments: list[Any]) -> nodes.Filter:
    return nodes.Filter(value, f"op_{name}", arguments, [], None, None, lineno=1)
