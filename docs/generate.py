"""Writes the reference pages from the code that they describe: python -m docs.generate, or --check to fail when one is stale.

data-model.md, metrics.md and cli.md are written whole. In other pages the lines between `<!-- generated: NAME -->` and
`<!-- end -->` are written, and the rest is kept.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import typer.main

from docs import privacy_tables
from engagedb.cli import mounted
from engagedb.errors import Reason
from engagedb.settings import Settings, data_folder
from lake.query.relations import ColumnMeaning, Relation, Relations
from transforms import vocabulary
from transforms.canonical import TABLES
from transforms.filters import FILTERS, TESTS

ROOT: Final = Path(__file__).resolve().parent.parent
NOTE: Final = "<!-- Written by python -m docs.generate. Change {origin} instead. -->\n"
SECTION: Final = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->\n)", re.DOTALL)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(map(_cell, line)) + " |\n" for line in lines)


def _cell(value: object) -> str:
    text = str(value).replace("|", "\\|").replace("\n", " ")
    return re.sub(r"`[^`]*`|<", lambda found: found[0].replace("<", "\\<") if found[0] == "<" else found[0], text)


def data_model() -> str:
    """docs/data-model.md"""
    relations = Relations(data_folder("sql"))
    parts = [
        NOTE.format(origin="transforms/canonical.py or sql/*/metadata.yaml"),
        "# Data model\n\nTimes are UTC. Money is US dollars with eight decimals. A privacy class says how a column is kept free of",
        " personal values: [privacy.md](privacy.md) explains them.\n",
    ]
    for stored in TABLES.values():
        parts.append(f"\n## {stored.name}\n\n{relations[stored.name].question} {_sentence(stored.grain)}")
        parts.append(f" Partitioned by the UTC day of `{stored.partition_by}`.\n\n" if stored.partition_by else "\n\n")
        rows = [[f"`{c.name}`", _type(c.name, relations[stored.name]), c.unit or "", c.privacy, c.description] for c in stored.columns]
        parts.append(table(["column", "type", "unit", "privacy", "meaning"], rows))
        added = [c for c in relations[stored.name].columns if c.name not in stored.names]
        if added:
            parts.append(f"\nNot stored but computed when `{stored.name}` is read, because they depend on the clock:\n\n")
            parts.append(_columns(added))
    parts.append("\n## Vocabularies\n\n")
    words: dict[str, type[StrEnum]] = {name: found for name, found in vars(vocabulary).items() if _is_vocabulary(found)} | {
        "Reason": Reason
    }
    parts.append(table(["vocabulary", "words"], [[name, ", ".join(f"`{word}`" for word in found)] for name, found in words.items()]))
    return "".join(parts)


def _is_vocabulary(found: object) -> bool:
    return isinstance(found, type) and issubclass(found, StrEnum) and found is not StrEnum


def _type(name: str, relation: Relation) -> str:
    return next((column.type for column in relation.columns if column.name == name), "bytes")


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:] + "."


def _columns(columns: Iterable[ColumnMeaning]) -> str:
    return table(["column", "type", "unit", "meaning"], [[f"`{c.name}`", c.type, c.unit or "", c.description] for c in columns])


def metrics() -> str:
    """docs/metrics.md"""
    parts = [
        NOTE.format(origin="sql/*/metadata.yaml"),
        "# Metrics\n\nEach mart is asked by name, `engagedb query --name delivery_by_country`, or read in SQL like a table,",
        " `SELECT * FROM delivery_by_country_v1`. The version is part of the name: when a meaning changes, a new mart is added.\n",
    ]
    for relation in Relations(data_folder("sql")).values():
        if relation.stored is None:
            parts.append(f"\n## {relation.name}\n\n{relation.question}\n\n{_sentence(relation.grain)} It reads `{relation.reads}`.")
            parts.append(f" The window (`--from`, `--to`) is on the UTC day of `{relation.time}`.\n" if relation.time else "\n")
            if relation.dimensions:
                parts.append(f"\nGroup it (`--by`) by {_listed(dimension.name for dimension in relation.dimensions)}.\n")
            if relation.filters:
                parts.append(f"\nFilter it by {_listed('--' + name.replace('_', '-') for name in relation.filters)}.\n")
            parts.append("\n" + _columns(relation.columns))
            for name, denominator in (relation.denominators or {}).items():
                parts.append(f"\n`{name}` divides by {denominator}.\n")
    return "".join(parts)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def command_line() -> str:
    """docs/cli.md"""
    parts = [
        NOTE.format(origin="the command's docstring and options"),
        "# Command line\n\nExit codes: 0 fine, 1 a data problem, 2 usage or configuration, 130 interrupted. Data goes to stdout, words go",
        " to stderr. `--debug`, anywhere in a command, shows the traceback of a failure.\n",
    ]
    for words, command in commands():
        examples = re.findall(r"Example: (.+)", command.help)
        text = "\n\n".join(part for part in command.help.split("\n\n") if not part.startswith("Example: "))
        parts.append(f"\n## {words}\n\n{text}\n\n```sh\n" + "".join(example + "\n" for example in examples) + "```\n")
        context = command.context_class(command)
        rows = [[f"`{_words_of(p, context)}`", p.help or "", _default(p)] for p in command.params if p.name != "help"]
        parts.append("\n" + table(["argument or option", "meaning", "default"], rows) if rows else "")
    return "".join(parts)


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with its words, in the order of the help."""
    root: Any = typer.main.get_command(mounted())
    context = root.context_class(root, info_name="engagedb")
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        if hasattr(command, "list_commands"):
            for below in command.list_commands(context):
                yield f"engagedb {name} {below}", command.get_command(context, below)
        else:
            yield f"engagedb {name}", command


def _words_of(parameter: Any, context: Any) -> str:
    if parameter.param_type_name == "argument":
        name = parameter.metavar or parameter.name.upper()
        name = f"{name}..." if parameter.nargs == -1 else name
        return name if parameter.required else f"[{name}]"
    if parameter.metavar or parameter.is_flag:
        return " ".join(filter(None, (parameter.opts[0], parameter.metavar)))
    shown: str = parameter.get_help_record(context)[0]  # the choices, within brackets that differ between versions of typer
    return re.sub(r"[<>\[\]{}]", "", shown)


def _default(parameter: Any) -> str:
    value = parameter.default
    return "" if value is None or isinstance(value, bool | list | tuple) else f"`{value}`"


def settings() -> str:
    """The settings, for the README."""
    rows = []
    for name, field in Settings.model_fields.items():
        value = field.get_default(call_default_factory=True)
        shown = ",".join(value) if isinstance(value, tuple | frozenset) else str(value).lower() if isinstance(value, bool) else value
        rows.append([f"`ENGAGEDB_{name.upper()}`", field.description, "" if shown in (None, "", {}) else f"`{shown}`"])
    return table(["variable", "meaning", "default"], rows)


def filters() -> str:
    """The filters and tests of templates, for docs/templates.md."""
    rows = [["`default(x)`", "`x` where the value is missing"], ["`lookup(table)`", "What the template's own table says, or its `default`"]]
    rows += [[f"`{_call(name, filter_)}`", _first_line(filter_) or _PLAIN_FILTERS[name]] for name, filter_ in FILTERS.items()]
    tests = ", ".join(f"`{name}`" for name in TESTS)
    return table(["filter", "gives"], rows) + f"\nTests: {tests}, `in`, `==`.\n"


_PLAIN_FILTERS: Final = {
    "lower": "The text in lower case.",
    "upper": "The text in upper case.",
    "trim": "The text without spaces at its ends.",
    "first": "The first member of a list.",
    "last": "The last member of a list.",
    "length": "How many characters, members or keys there are.",
    "starts_with": "True when the text begins like this.",
    "ends_with": "True when the text ends like this.",
    "contains": "True when the text holds this.",
    "values": "The values of a mapping.",
    "keys": "The keys of a mapping.",
}


def _call(name: str, filter_: Callable[..., Any]) -> str:
    arguments = filter_.__code__.co_varnames[1 : filter_.__code__.co_argcount]
    return f"{name}({', '.join(arguments)})" if arguments else name


def _first_line(filter_: Callable[..., Any]) -> str:
    return (filter_.__doc__ or "").split("\n")[0]


WHOLE: Final[dict[str, Callable[[], str]]] = {"docs/data-model.md": data_model, "docs/metrics.md": metrics, "docs/cli.md": command_line}
SECTIONS: Final[dict[str, Callable[[], str]]] = {
    "settings": settings,
    "filters": filters,
    "classes": lambda: privacy_tables.classes(table),
    "policy": lambda: privacy_tables.policy(table),
}
WITH_SECTIONS: Final = ("README.md", "docs/templates.md", "docs/privacy.md")


def pages() -> dict[str, str]:
    """What each generated page should hold, by its path in the clone."""
    written = {path: write() for path, write in WHOLE.items()}
    for path in WITH_SECTIONS:
        text = (ROOT / path).read_text(encoding="utf-8")
        written[path] = SECTION.sub(lambda found: found[1] + SECTIONS[found[2]]() + found[3], text)
    return written


def stale() -> list[str]:
    """The pages that differ from what the code says now."""
    return [path for path, text in pages().items() if not (ROOT / path).is_file() or (ROOT / path).read_text(encoding="utf-8") != text]


def main() -> None:
    """Write the pages; with --check only name the stale ones and exit 1 when there are any."""
    if "--check" in sys.argv[1:]:
        for path in stale():
            print(f"{path} is stale: run python -m docs.generate")
        sys.exit(1 if stale() else 0)
    for path, text in pages().items():
        (ROOT / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
