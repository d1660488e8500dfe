"""A template as two Python functions: does it match a record, and which rows does the record give.

The source of a template

    let:
      detail: "{{ bounce or open }}"
    for_each: "{{ mail.destination }}"
    event:
      event_time: "{{ detail.timestamp | timestamp }}"

becomes, shortened,

    def evaluate(record, arrival, rows):
        if type(record) is dict: get = record.get; p1 = get('bounce'); p2 = get('open'); p6 = get('mail')
        else: p1 = p2 = p6 = None
        n3 = (p1 or p2)
        ...
        for n5 in (p6 if type(p6) is list else ()):
            c0 = (None if (t7 := p4) is None else f_timestamp(t7))
            rows.append(((c0,), (identity...), True, ((p6, n5),)))

Paths are computed once per scope; lets stand in the outermost scope that knows all their names. With `when`, what neither it
nor a loop needs stands behind it: most records give most of the templates that match them no row. A failing expression is
told by its line in the generated source.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from engagedb.errors import ConfigurationError, Reason, Rejected
from transforms import operators
from transforms.expression import Binding, ExpressionWriter, Scope
from transforms.filters import FILTERS, TESTS
from transforms.reads import Paths, read_paths
from transforms.record import Arrival
from transforms.template import Expression, Template

Loops = tuple[tuple[Any, Any], ...]
EvaluatedRow = tuple[tuple[Any, ...], tuple[Any, ...], bool, Loops]
"""Column values, identity values, whether the row belongs to a message, and each loop's list with its current member."""

_INDENT: Final = "    "


@dataclass(frozen=True, slots=True)
class CompiledTemplate:
    """`source_code` is the generated Python, `columns` the order of a row's values, `reads` what need not become attributes."""

    template: Template
    columns: tuple[str, ...]
    reads: Paths
    source_code: str
    matches: Callable[[dict[str, Any], dict[str, Any]], bool]
    _evaluate: Callable[[dict[str, Any], dict[str, Any], list[EvaluatedRow]], None]
    _origins: tuple[Expression | None, ...]

    def evaluate(self, record: dict[str, Any], arrival: dict[str, Any]) -> list[EvaluatedRow]:
        """The rows that the record gives. Raises Rejected naming the column that refused its value."""
        rows: list[EvaluatedRow] = []
        try:
            self._evaluate(record, arrival, rows)
        except Rejected as refusal:
            raise self._located(refusal, refusal.reason, refusal.detail) from None
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
            raise self._located(error, Reason.TEMPLATE_ERROR, f"the expression failed with {type(error).__name__}") from None
        return rows

    def _located(self, error: BaseException, reason: Reason, detail: str) -> Rejected:
        trace = error.__traceback__
        line = 0
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == _filename(self.template):
                line = trace.tb_lineno
            trace = trace.tb_next
        origin = self._origins[line - 1] if 0 < line <= len(self._origins) else None
        place = f"{self.template.file}:{origin.line} {origin.label}: " if origin else ""
        return Rejected(reason, place + detail, source=self.template.source, template_version=self.template.version)


def arrival_names(arrival: Arrival) -> dict[str, Any]:
    """What expressions see under the name `arrival`."""
    return {
        "stated_at": arrival.stated_at,
        "received_at": arrival.received_at,
        "account_id": arrival.account_id,
        "region": arrival.region,
        "detail_type": arrival.detail_type,
        "resources": list(arrival.resources),
    }


def compile_template(template: Template) -> CompiledTemplate:
    """The template's functions. Raises ConfigurationError for a construct that is not part of the language."""
    lines = _match_function(template)
    lines += _evaluate_function(template)
    code = "\n".join(line for line, _ in lines)
    names: dict[str, Any] = dict(NAMES)
    names.update({f"l_{name}": table for name, table in template.lookups.items()})
    exec(compile(code, _filename(template), "exec"), names)  # source written above from checked syntax trees only
    return CompiledTemplate(
        template=template,
        columns=tuple(template.columns),
        reads=read_paths(template),
        source_code=code,
        matches=names["matches"],
        _evaluate=names["evaluate"],
        _origins=tuple(origin for _, origin in lines),
    )


def _filename(template: Template) -> str:
    return f"<template {template.source} {template.version}>"


def _match_function(template: Template) -> list[tuple[str, Expression | None]]:
    scope = Scope()
    condition = ExpressionWriter(template, [scope]).write(template.match)
    body = [*scope.lines, (f"return bool({condition})", template.match)]
    return [("def matches(record, arrival):", None), *((_INDENT + line, origin) for line, origin in body)]


def _evaluate_function(template: Template) -> list[tuple[str, Expression | None]]:
    scopes = [Scope()]
    writer = ExpressionWriter(template, scopes)
    pending = dict(template.let)
    needed = _needed_before_rows(template)
    loops: list[tuple[str, str, Expression | None]] = []  # variable, list variable, origin
    _place_lets(writer, pending, needed, 0)
    for level, (name, expression) in enumerate(template.for_each.items(), start=1):
        members = writer.variable_of(expression, "m", level - 1)
        variable = writer.new_variable("n")
        loops.append((variable, members, expression))
        scopes.append(Scope())
        writer.bindings[name] = Binding(variable, level)
        _place_lets(writer, pending, needed, level)
    if template.when is not None:
        writer.scopes[-1].add(f"if not {writer.write(template.when)}: {'continue' if loops else 'return'}", template.when)
        writer.row = Scope()
        for level in range(len(scopes)):
            _place_lets(writer, pending, set(template.let), level)
    if pending:
        name, expression = next(iter(pending.items()))
        raise ConfigurationError(f"{template.file}:{expression.line} let {name}: it refers to itself or to a later name.")
    _write_row(template, writer, loops)

    lines: list[tuple[str, Expression | None]] = [("def evaluate(record, arrival, rows):", None)]
    for depth, scope in enumerate(scopes):
        if depth:
            variable, members, origin = loops[depth - 1]
            lines.append((f"{_INDENT * depth}for {variable} in ({members} if type({members}) is list else ()):", origin))
        lines += [(_INDENT * (depth + 1) + line, origin) for line, origin in scope.lines]
    lines += [(_INDENT * len(scopes) + line, origin) for line, origin in (writer.row.lines if writer.row is not None else ())]
    return lines


def _needed_before_rows(template: Template) -> set[str]:
    """The lets that a record which gives no row needs too: with `when` those that it or a loop asks for, without it all."""
    if template.when is None:
        return set(template.let)
    needed: set[str] = set()
    asked = [template.when, *template.for_each.values()]
    while asked:
        new = asked.pop().names & set(template.let) - needed
        needed |= new
        asked += [template.let[name] for name in new]
    return needed


def _place_lets(writer: ExpressionWriter, pending: dict[str, Expression], needed: set[str], level: int) -> None:
    """Write every needed let whose names are all known at this level, in their order."""
    unknown = set(pending) | set(list(writer.template.for_each)[level:])
    for name, expression in list(pending.items()):
        if name not in needed or expression.names & unknown:
            continue
        writer.bindings[name] = Binding(writer.variable_of(expression, "n", level), level)
        unknown.discard(name)
        del pending[name]


def _write_row(template: Template, writer: ExpressionWriter, loops: list[tuple[str, str, Expression | None]]) -> None:
    innermost = writer.scopes[-1] if writer.row is None else writer.row
    values = []
    for expression in template.columns.values():
        same = next((name for name, let in template.let.items() if let.tree == expression.tree), None)
        values.append(writer.bindings[same].variable if same is not None else writer.variable_of(expression, "c", -1))
    identity = [writer.write(expression) for expression in template.identity]
    has_message = f"bool({writer.write(template.has_message)})" if template.has_message is not None else "True"
    pairs = "".join(f"({members}, {variable}), " for variable, members, _ in loops)
    row = f"rows.append((({_tuple(values)}), ({_tuple(identity)}), {has_message}, ({pairs})))"
    innermost.add(row, template.has_message or template.match)


def _tuple(members: list[str]) -> str:
    return "".join(f"{member}, " for member in members)


def _look_up(table: dict[str, Any], value: Any, default: Any) -> Any:
    """The entry of a value that is no text."""
    return table.get(operators.as_text(value) or "", default)


NAMES: Final[dict[str, Any]] = {
    **{f"f_{name}": function for name, function in FILTERS.items()},
    **{f"is_{name}": function for name, function in TESTS.items()},
    **{
        name: getattr(operators, name)
        for name in (
            "item", "is_in", "concat", "add", "subtract", "multiply", "divide", "floor_divide", "modulo", "negate",
            "less", "less_or_equal", "greater", "greater_or_equal",
        )
    },
    "look_up": _look_up,
}  # fmt: skip


@functools.lru_cache(maxsize=256)
def compiled(text: str, file: str) -> CompiledTemplate:
    """The compiled template of a text, kept by its content."""
    from transforms.template import load_template

    return compile_template(load_template(text, file))
