"""A template: the checked text of one source's mapping, before it is compiled.

Loading refuses whatever could surprise later: unknown keys, unknown columns, columns that the engine owns, lookups
without a default, statements, and names that hide each other. Each refusal names file, line and column.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from dataclasses import dataclass
from typing import Any, Final

import jinja2
import yaml
from jinja2 import nodes

from engagedb.errors import ConfigurationError
from transforms.canonical import EVENTS, NOTICES, Table
from transforms.yaml_loader import LOADER

RESERVED: Final = frozenset({"self", "item", "arrival"})
_KEYS: Final = {
    "source", "kind", "match", "identity", "drop", "parse", "let", "for_each", "when", "has_message",
    "event", "notice", "lookups",
}  # fmt: skip
_ENGINE_COLUMNS: Final = {
    "event_id", "notice_id", "message_key", "number_range", "recipient_domain", "link_domain", "ingested_at", "received_at",
    "attributes", "source", "template_version", "source_object", "source_offset", "raw_event",
}  # fmt: skip
_BRACES: Final = re.compile(r"\s*\{\{(.*)\}\}\s*", re.DOTALL)
_SYNTAX: Final = jinja2.Environment(autoescape=False)  # parses only; nothing is ever rendered through it


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression's syntax tree, and where it stands."""

    tree: nodes.Expr
    label: str  # `column event_time`, `let detail`, `match`, ...
    line: int

    @property
    def names(self) -> set[str]:
        """Every name that it uses."""
        return {node.name for node in nodes.Output([self.tree]).find_all(nodes.Name)}


@dataclass(frozen=True, slots=True)
class Template:
    """A checked mapping. `version` is the content hash of its text."""

    source: str
    kind: str
    file: str
    version: str
    match: Expression
    identity: tuple[Expression, ...]
    drop: tuple[tuple[str, ...], ...]
    parse: tuple[tuple[str, ...], ...]
    let: dict[str, Expression]
    for_each: dict[str, Expression]
    when: Expression | None
    has_message: Expression | None
    columns: dict[str, Expression]
    lookups: dict[str, dict[str, Any]]

    @property
    def table(self) -> Table:
        """The canonical table that its rows belong to."""
        return EVENTS if self.kind == "event" else NOTICES


def load_template(text: str, file: str) -> Template:
    """The template that a YAML text holds. Raises ConfigurationError naming file, line and column."""
    return _Reader(text, file).template()


class _Reader:
    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.text = text
        self.lines: dict[tuple[str, ...], int] = {}
        try:
            loader = LOADER(text)
            node = loader.get_single_node()
            data = loader.construct_document(node) if node is not None else None
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 1
            raise ConfigurationError(f"{file}:{line}: this is not YAML: {getattr(error, 'problem', error)}.") from None
        if not isinstance(data, dict) or node is None:
            raise ConfigurationError(f"{file}:1: a template is a YAML mapping with the keys {', '.join(sorted(_KEYS))}.")
        self.data: dict[str, Any] = data
        self._note_lines(node, ())

    def _note_lines(self, node: yaml.Node, path: tuple[str, ...]) -> None:
        self.lines[path] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                inner = (*path, str(key.value))
                if inner in self.lines:
                    raise ConfigurationError(f"{self.file}:{key.start_mark.line + 1}: {key.value} stands twice.")
                self._note_lines(value, inner)
                self.lines[inner] = key.start_mark.line + 1

    def fail(self, path: tuple[str, ...], message: str) -> ConfigurationError:
        while path and path not in self.lines:
            path = path[:-1]
        return ConfigurationError(f"{self.file}:{self.lines.get(path, 1)} {message}")

    def template(self) -> Template:
        data = self.data
        for key in data:
            if key not in _KEYS:
                raise self.fail((str(key),), f"unknown key {key}.{_did_you_mean(str(key), _KEYS)}")
        source = data.get("source")
        if not isinstance(source, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", source):
            raise self.fail(("source",), "source: a name in lower case letters, digits and _ is needed.")
        kind = data.get("kind", "event")
        if kind not in ("event", "notice"):
            raise self.fail(("kind",), "kind: event or notice.")
        if "match" not in data:
            raise self.fail((), "match: an expression that tells this source's records is needed.")
        if not data.get("identity"):
            raise self.fail(("identity",), "identity: a list of payload paths is needed.")
        lookups = self._lookups()
        return Template(
            source=source,
            kind=kind,
            file=self.file,
            version=hashlib.sha256(self.text.encode()).hexdigest()[:12],
            match=self._bare(data["match"], ("match",), "match"),
            identity=tuple(self._bare(path, ("identity",), "identity") for path in data["identity"]),
            drop=tuple(self._path(path, "drop") for path in data.get("drop") or ()),
            parse=tuple(self._path(path, "parse") for path in data.get("parse") or ()),
            let=self._names("let"),
            for_each=self._loops(),
            when=self._optional("when"),
            has_message=self._optional("has_message"),
            columns=self._columns(kind),
            lookups=lookups,
        )

    def _columns(self, kind: str) -> dict[str, Expression]:
        mapping = self.data.get(kind)
        if not isinstance(mapping, dict):
            raise self.fail((), f"{kind}: a mapping of columns to expressions is needed.")
        table = EVENTS if kind == "event" else NOTICES
        if f"{kind}_time" not in mapping:
            raise self.fail((kind,), f"column {kind}_time is needed: the time of the record's own clock.")
        known = set(table.names) - _ENGINE_COLUMNS
        for column in mapping:
            if column in _ENGINE_COLUMNS:
                raise self.fail((kind, column), f"column {column} is made by engagedb; remove it.")
            if column not in known:
                raise self.fail((kind, str(column)), f"unknown column {column}.{_did_you_mean(str(column), known)}")
        return {name: self._braced(value, (kind, name), f"column {name}") for name, value in mapping.items()}

    def _lookups(self) -> dict[str, dict[str, Any]]:
        lookups = self.data.get("lookups") or {}
        for name, table in lookups.items():
            if not isinstance(table, dict) or "default" not in table:
                raise self.fail(("lookups", str(name)), f"lookup {name}: state what `default` is, so that every value has an answer.")
        return {name: {str(key): value for key, value in table.items()} for name, table in lookups.items()}

    def _names(self, section: str) -> dict[str, Expression]:
        mapping = self.data.get(section) or {}
        for name in mapping:
            if name in RESERVED:
                raise self.fail((section, name), f"{section} {name}: the name is reserved.")
        return {name: self._braced(value, (section, name), f"{section} {name}") for name, value in mapping.items()}

    def _loops(self) -> dict[str, Expression]:
        loops = self.data.get("for_each")
        if loops is None:
            return {}
        if not isinstance(loops, dict):
            return {"item": self._braced(loops, ("for_each",), "for_each")}
        names = list(loops)
        if names[-1] != "item" or RESERVED & set(names[:-1]) or set(names) & set(self.data.get("let") or ()):
            raise self.fail(("for_each",), "for_each: the innermost loop is named item; no other loop may be, nor share the name of a let.")
        return {name: self._braced(value, ("for_each", name), f"for_each {name}") for name, value in loops.items()}

    def _optional(self, key: str) -> Expression | None:
        return self._braced(self.data[key], (key,), key) if key in self.data else None

    def _path(self, path: Any, section: str) -> tuple[str, ...]:
        tree = self._bare(path, (section,), section).tree
        keys: list[str] = []
        while isinstance(tree, (nodes.Getattr, nodes.Getitem)):
            argument = tree.attr if isinstance(tree, nodes.Getattr) else getattr(tree.arg, "value", None)
            keys.append("*" if argument == "*" else str(argument))
            tree = tree.node
        if not isinstance(tree, nodes.Name):
            raise self.fail((section,), f"{section}: {path} is not a path such as mail.headers or a['x:y'].")
        return (tree.name, *reversed(keys))

    def _bare(self, source: Any, path: tuple[str, ...], label: str) -> Expression:
        return self._parse(str(source), path, label)

    def _braced(self, source: Any, path: tuple[str, ...], label: str) -> Expression:
        if not isinstance(source, str):
            return Expression(nodes.Const(source), label, self.lines.get(path, 1))
        match = _BRACES.fullmatch(source)
        if match:
            return self._parse(match.group(1), path, label)
        if "{{" in source or "{%" in source:
            raise self.fail(path, f"{label}: write one expression in {{{{ }}}} or a plain word; join texts with ~.")
        return Expression(nodes.Const(source), label, self.lines.get(path, 1))

    def _parse(self, source: str, path: tuple[str, ...], label: str) -> Expression:
        try:
            body = _SYNTAX.parse("{{ " + source + " }}").body
        except jinja2.TemplateSyntaxError as error:
            raise self.fail(path, f"{label}: {error.message}") from None
        outputs = body[0].nodes if len(body) == 1 and isinstance(body[0], nodes.Output) else []
        if len(outputs) != 1 or isinstance(outputs[0], nodes.TemplateData):
            raise self.fail(path, f"{label}: exactly one expression is allowed, no statements.")
        return Expression(outputs[0], label, self.lines.get(path, 1))


def _did_you_mean(word: str, known: set[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f" Did you mean {close[0]}?" if close else ""
