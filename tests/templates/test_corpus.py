"""docs/corpus.csv is the specification of what each documented payload becomes; the program must agree line by line."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from transforms.filters import timestamp
from transforms.pseudonyms import Pseudonymiser

TABLE = Path(__file__).resolve().parents[2] / "docs" / "corpus.csv"


def read_table() -> dict[str, list[dict[str, str]]]:
    files: dict[str, list[dict[str, str]]] = defaultdict(list)
    with TABLE.open(encoding="utf-8", newline="") as stream:
        for line in csv.DictReader(stream):
            files[line["file"]].append(line)
    return dict(files)


LINES = read_table()


def stated(made: Any, pseudonymiser: Pseudonymiser, line: dict[str, str]) -> dict[str, str]:
    """What the program made, in the words of the table; columns that the table leaves open are taken from it."""
    values = made.values
    if made.kind == "dead_letter":
        template = (values.get("source") or "") if line["template"] else ""
        return {"kind": made.kind, "template": template, "reason": made.reason}
    words = {name: values.get(name) for name in ("stage", "direction", "channel", "event_type", "provider_status", "message_id")}
    words |= {"country": values.get("recipient_country"), "event_time": values.get("event_time")}
    if made.kind == "notice":
        words |= {name: values.get(column) for name, column in NOTICE_COLUMNS.items()}
    moment = words["event_time"]
    if (raw := line["message_id"]) and words["message_id"] == pseudonymiser.opaque_id(raw):
        words["message_id"] = raw  # the id embeds a number, so the tables hold its keyed form
    money = {name: values.get(name) for name in ("message_price_usd", "carrier_fee_usd")}
    return {
        "kind": made.kind,
        "template": values["source"],
        **{name: value or "" for name, value in words.items()},
        **{name: "" if amount is None else amount_text(amount) for name, amount in money.items()},
        "event_time": line["event_time"] if line["event_time"] and timestamp(line["event_time"]) == moment else str(moment),
        "reason": "",
    }


NOTICE_COLUMNS = {"event_time": "notice_time", "event_type": "notice_type", "provider_status": "status", "message_id": "resource_id"}


def amount_text(amount: Decimal) -> str:
    return format(amount.normalize(), "f") if amount else "0"


def test_the_table_names_every_file_of_the_corpus_and_no_other(shared: Path) -> None:
    corpus = shared / "formats" / "corpus"
    assert {str(path.relative_to(corpus)) for path in corpus.rglob("*") if path.is_file()} == set(LINES)
    assert len(LINES) == 290


@pytest.mark.parametrize("file", LINES)
def test_a_file_alone_gives_what_the_table_says(file: str, shared: Path, make: Callable[..., Any], pseudonymiser: Pseudonymiser) -> None:
    lines = LINES[file]
    made = make((shared / "formats" / "corpus" / file).read_bytes())
    assert len(made) == len(lines)
    for one, line in zip(made, lines, strict=True):
        told = stated(one, pseudonymiser, line)
        assert told == {name: line[name] for name in told}


def test_all_files_together_repeat_exactly_the_events_that_the_table_calls_duplicates(shared: Path, make: Callable[..., Any]) -> None:
    first: dict[str, str] = {}
    repeated: dict[str, str] = {}
    for file in sorted(LINES):
        for number, made in enumerate(make((shared / "formats" / "corpus" / file).read_bytes()), start=1):
            place = f"{file}#{number}"
            key = made.values.get("event_id") or made.values.get("notice_id")
            if key and key in first:
                repeated[place] = first[key]
            elif key:
                first[key] = place
    expected = {f"{line['file']}#{line['row']}": line["duplicate_of"] for lines in LINES.values() for line in lines if line["duplicate_of"]}
    assert repeated == expected


def test_an_event_behind_the_header_of_aws_and_the_same_event_bare_are_one_event(shared: Path, make: Callable[..., Any]) -> None:
    corpus = shared / "formats" / "corpus"
    pairs = [name for path in (corpus / "whatsapp").iterdir() if (corpus / "whatsapp-meta" / (name := path.name)).exists()]
    assert len(pairs) > 70
    for name in pairs:
        ids = [
            [made.values.get("event_id") or made.values.get("notice_id") for made in make((corpus / folder / name).read_bytes())]
            for folder in ("whatsapp", "whatsapp-meta")
        ]
        assert ids[0] == ids[1], name
        assert all(ids[0]), name
