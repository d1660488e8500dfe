"""The tables of docs/privacy.md: what is done to each column by its class, and to every other field by the shipped policy."""

from __future__ import annotations

from itertools import chain
from typing import Any, Final

import yaml

from transforms.canonical import TABLES, Privacy
from transforms.policy import SHIPPED, Operator

CLASSES: Final = {
    Privacy.KEYED: "a keyed digest that the program makes",
    Privacy.PLAIN: "a closed vocabulary, a number or a time; a word outside the vocabulary is treated as text",
    Privacy.PUBLIC: "the company's own names; the event's own identifiers are removed, from all but the originator",
    Privacy.MACHINE: "the provider's words; the event's own identifiers are removed, and what is written as no machine value is redacted",
    Privacy.PERSON: "pseudonym",
    Privacy.MESSAGE_ID: "kept, or `mid_...` when it embeds a number or an address",
    Privacy.TEXT: "redacted as text",
    Privacy.LINK: "personal parts and tokens of the link removed",
    Privacy.MAP: "each key redacted, each value treated as the policy below says of its key",
    Privacy.SEALED: "AES-GCM encrypted",
}
OPERATORS: Final = {
    Operator.KEEP_PUBLIC: "kept, without the event's own identifiers",
    Operator.KEEP: "kept when it is written like a machine value, without the event's own identifiers; else redacted as text",
    Operator.KEEP_ID: "kept, or `mid_...` when it embeds a number or an address",
    Operator.DROP: "left out",
    Operator.PSEUDONYMISE: "pseudonym",
    Operator.MASK: "the token alone",
    Operator.MASK_NAME: "the token when it is written like a name, else redacted as text",
    Operator.TRUNCATE_IP: "cut to /24 or /48",
    Operator.COARSEN_GEO: "rounded to one decimal",
    Operator.DOMAIN_ONLY: "the domain of the address; a number becomes a pseudonym",
    Operator.REDACT_LINK: "personal parts and tokens of the link removed",
    Operator.REDACT_TEXT: "redacted as text: the default of every field that nothing names",
}


def classes(table: Any) -> str:
    """Every stored column by its class."""
    rows = []
    for privacy, meaning in CLASSES.items():
        columns: dict[str, list[str]] = {}
        for stored in TABLES.values():
            for column in stored.columns:
                if column.privacy is privacy:
                    columns.setdefault(column.name, []).append(stored.name)
        named = [
            [f"`{name}`"] if tables[0] in ("events", "messages") else [f"`{stored}.{name}`" for stored in tables]
            for name, tables in columns.items()
        ]
        rows.append([privacy, meaning, ", ".join(chain.from_iterable(named))])
    return str(table(["class", "what is done", "columns"], rows))


def policy(table: Any) -> str:
    """Every treatment of the shipped policy: its operator, and the fields that it is for."""
    rules = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    rows = []
    for name, stated in rules["treatments"].items():
        operator = Operator(stated["operator"])
        token = f" (`[{stated['token']}]`)" if "token" in stated else f" (`{stated['kind']}_...`)" if "kind" in stated else ""
        fields = [*(f"`{key}`" for key in rules["keys"].get(name, ())), *(f"`{path}`" for path in rules["paths"].get(name, ()))]
        rows.append([f"`{name}`", f"`{operator}`: {OPERATORS[operator]}{token}", ", ".join(fields)])
    return str(table(["treatment", "operator", "last words of a key; `=` the whole key; with dots the keys above it"], rows))
