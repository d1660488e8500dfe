"""Ratios of ways to evaluate, measured in one run: compiled templates against plain Jinja2."""

from __future__ import annotations

import dataclasses
import gc
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from jinja2 import nodes

from engagedb.settings import data_folder
from ingest.templates import load_templates
from tests.benchmark.figures import Figure, cpu_seconds, rate
from tests.benchmark.stages import read
from transforms.compile import CompiledTemplate, arrival_names
from transforms.record import RawRecord
from transforms.reference import PlainTemplate
from transforms.template import Expression, Template


def expressions(landing: str) -> Iterator[Figure]:
    """Evaluation compiled, by one dict expression a row, and by one expression a column."""
    jobs = [(template, record.payload, arrival_names(record.arrival)) for template, record in _matched(landing)]
    one: dict[str, PlainTemplate] = {}
    many: dict[str, PlainTemplate] = {}
    for compiled, _, _ in jobs:
        one.setdefault(compiled.template.version, PlainTemplate(_in_one(compiled.template)))
        many.setdefault(compiled.template.version, PlainTemplate(compiled.template))
    gc.freeze()
    compiled_s = cpu_seconds(lambda: _each(lambda template, payload, arrival: template.evaluate(payload, arrival), jobs))
    yield Figure("compiled template", rate(len(jobs), compiled_s))
    for name, plain in (("one dict expression of Jinja2", one), ("an expression of Jinja2 per column", many)):
        seconds = cpu_seconds(lambda plain=plain: _each(partial(_plainly, plain), jobs), 2)  # type: ignore[misc]
        yield Figure(name, rate(len(jobs), seconds), f"{seconds / compiled_s:.1f} times the compiled one", seconds / compiled_s)


def _each(work: Callable[..., object], jobs: Sequence[tuple[Any, ...]]) -> None:
    """The work for each job, its answers forgotten at once: else Python searches them for cycles all the while."""
    for job in jobs:
        work(*job)


def _plainly(plain: dict[str, PlainTemplate], template: CompiledTemplate, payload: dict[str, Any], arrival: dict[str, Any]) -> None:
    plain[template.template.version].evaluate(payload, arrival)


def _matched(landing: str) -> Iterator[tuple[CompiledTemplate, RawRecord]]:
    """Each record whose template takes it as it is, with that template."""
    templates = [template for template in load_templates(str(data_folder("templates"))) if not template.template.parse]
    for record in read(landing):
        if isinstance(record, RawRecord):
            arrival = arrival_names(record.arrival)
            yield from ((template, record) for template in templates if template.matches(record.payload, arrival))


def _in_one(template: Template) -> Template:
    whole = nodes.Dict([nodes.Pair(nodes.Const(name), expression.tree) for name, expression in template.columns.items()], lineno=1)
    return dataclasses.replace(template, columns={"event_time": Expression(whole, "all columns", 1)})
