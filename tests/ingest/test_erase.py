"""A person leaves the lake, whole, and does not come back; everybody else and every count stays."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engagedb.settings import data_folder
from ingest.backfill import backfill
from ingest.erase import erase
from ingest.replay import replay
from lake.catalog import Lake
from lake.dead_letters import find_dead_letters
from lake.erasure.erase import Erasure
from lake.maintenance.maintain import maintain
from lake.snapshot import Published
from tests.ingest.conftest import NOW, Workshop, text_event
from tests.lake.lifecycles import stored
from tests.lake.test_commit import Stop, assert_pair_agrees
from transforms.pseudonyms import PersonKind, Pseudonymiser, PseudonymKey
from transforms.subject import SubjectReader
from transforms.vocabulary import DeadLetterStatus, Fate

Write = Callable[..., Path]
NUMBER, OTHER = "+12065550123", "+12065550124"
AT = 1772620829000
KEPT = (
    "event_id",
    "message_key",
    "event_time",
    "recipient_country",
    "message_price_usd",
    "carrier_fee_usd",
    "stage",
    "channel",
    "source_offset",
)


def erased(workshop: Workshop, *subjects: str, now: datetime = NOW, **options: Any) -> Erasure:
    reader = SubjectReader(workshop.keyring)
    return erase(Lake.open(workshop.settings), workshop.keyring, [reader.read(s, "here") for s in subjects], now=now, **options)


def rows(workshop: Workshop, name: str = "events") -> list[dict[str, Any]]:
    return stored(Lake.open(workshop.settings), name)


def person(workshop: Workshop, value: str, kind: PersonKind | None = None) -> str:
    return Pseudonymiser(workshop.keyring).person(value, kind)


def everything(workshop: Workshop) -> list[str]:
    """Every value of every table, as text."""
    lake = Lake.open(workshop.settings)
    names = [name for name in ("events", "messages", "notices", "dead_letters", "ingest_log", "erasures") if lake.has_table(name)]
    return [str(value) for name in names for row in stored(lake, name) for value in row.values()]


def ses_send(*addresses: str) -> dict[str, Any]:
    headers = {"to": list(addresses), "messageId": "x", "subject": "A subject"}
    return {
        "eventType": "Send",
        "mail": {
            "timestamp": "2026-03-04T10:00:00.000Z", "messageId": "0100018d-aaaa", "source": "shop@example.net",
            "sendingAccountId": "111122223333",
            "destination": list(addresses), "headersTruncated": False, "headers": [{"name": "To", "value": ", ".join(addresses)}],
            "commonHeaders": headers, "tags": {"campaign": ["spring"]},
        },
        "send": {},
    }  # fmt: skip


@pytest.fixture
def filled(workshop: Workshop, landing: Write) -> Path:
    """Two messages of the subject, one with feedback, one of another person, and letters about both."""
    feedback = {"messageFeedback": {"messageId": "m-1", "status": "RECEIVED", "timestamp": AT + 60_000}}
    landing("a.json", [
        text_event("m-1", context={"customerId": "c-7", "note": "ring Jo"}), feedback, text_event("m-2", eventTimestamp=AT + 1),
        text_event("m-3", destinationPhoneNumber=OTHER), {"pigeon": 1, "to": NUMBER}, {"pigeon": 2, "to": OTHER},
    ])  # fmt: skip
    path = landing("b", b'{"eventType": "TEXT_DEL", "destinationPhoneNumber": "' + NUMBER.encode())
    workshop.ingest(path.parent)
    return path.parent


def test_the_person_leaves_every_table_and_counts_stay(workshop: Workshop, filled: Path) -> None:
    before = rows(workshop)
    country = workshop.rows(
        "SELECT recipient_country, count(*) AS n, sum(message_price_usd) AS price FROM messages GROUP BY ALL ORDER BY 1"
    )
    done = erased(workshop, NUMBER)
    assert (done.subjects_found, done.tables["events"].rows_erased, done.tables["messages"].rows_erased) == (1, 3, 2)
    assert done.tables["dead_letters"].rows_erased == done.letters_searched - 1 == 2
    assert not [
        value
        for value in everything(workshop)
        if person(workshop, NUMBER) in value or person(workshop, "c-7", PersonKind.CUSTOMER) in value
    ]
    assert [value for value in everything(workshop) if person(workshop, OTHER) in value]
    after = rows(workshop)
    assert [[row[name] for name in KEPT] for row in after] == [[row[name] for name in KEPT] for row in before]
    assert (
        workshop.rows("SELECT recipient_country, count(*) AS n, sum(message_price_usd) AS price FROM messages GROUP BY ALL ORDER BY 1")
        == country
    )
    own = [row for row in after if row["message_id"].startswith("mid_")]
    assert len(own) == 3
    assert {row[name] for row in own for name in ("recipient_id", "customer_id", "body", "tags", "attributes", "number_range")} == {None}
    assert_pair_agrees(Lake.open(workshop.settings))


def test_letters_about_the_person_are_counted_and_hold_nothing(workshop: Workshop, filled: Path) -> None:
    erased(workshop, NUMBER)
    letters = rows(workshop, "dead_letters")
    assert sorted((row["status"], row["sealed_record"] == b"", row["excerpt"] is None) for row in letters) == [
        ("discarded", True, True), ("discarded", True, True), ("open", False, False),
    ]  # fmt: skip
    lake = Lake.open(workshop.settings)
    tried = replay(lake, workshop.keyring, workshop.settings, find_dead_letters(lake, status=DeadLetterStatus.OPEN), clock=lambda: NOW)
    assert (tried.tried, tried.refused) == (1, 1)


def test_a_letter_that_is_erased_while_a_replay_has_it_listed_is_passed_over(workshop: Workshop, filled: Path) -> None:
    lake = Lake.open(workshop.settings)
    listed = find_dead_letters(lake, status=DeadLetterStatus.OPEN)
    erased(workshop, NUMBER)
    assert replay(lake, workshop.keyring, workshop.settings, listed, clock=lambda: NOW).refused == 3


def test_a_second_run_finds_nothing_new(workshop: Workshop, filled: Path) -> None:
    erased(workshop, NUMBER)
    once = {name: rows(workshop, name) for name in ("events", "messages", "dead_letters", "notices")}
    again = erased(workshop, NUMBER)
    assert (again.subjects_found, again.places) == (0, {})
    assert all((emptied.rows_erased, emptied.files_rewritten) == (0, 0) for emptied in again.tables.values())
    assert {name: rows(workshop, name) for name in once} == once
    assert again.holders, "what readers may still have open is told again"


def test_a_dry_run_tells_the_same_and_changes_nothing(workshop: Workshop, filled: Path) -> None:
    before = everything(workshop)
    planned = erased(workshop, NUMBER, dry_run=True)
    assert everything(workshop) == before
    done = erased(workshop, NUMBER)
    counts = [{name: emptied.rows_erased for name, emptied in told.tables.items()} for told in (planned, done)]
    assert counts[0] == counts[1]
    assert planned.places == done.places
    assert sorted(len(offsets) for offsets in done.places.values()) == [1, 4]


def test_a_pseudonym_is_enough(workshop: Workshop, filled: Path) -> None:
    assert erased(workshop, person(workshop, NUMBER)).tables["events"].rows_erased == 3
    assert erased(workshop, person(workshop, OTHER)).tables["dead_letters"].rows_erased == 1
    assert workshop.rows("SELECT count(recipient_id) AS n FROM events") == [{"n": 0}]


@pytest.mark.parametrize("as_pseudonym", [False, True])
def test_the_same_records_do_not_bring_the_person_back(workshop: Workshop, filled: Path, landing: Write, as_pseudonym: bool) -> None:
    names = [person(workshop, NUMBER), person(workshop, "c-7", PersonKind.CUSTOMER)]
    erased(workshop, *(names if as_pseudonym else [NUMBER]))
    before = {name: rows(workshop, name) for name in ("events", "messages", "dead_letters")}
    os.utime(filled / "a.json", ns=(1, 1))
    tally = workshop.ingest(filled)
    assert tally.fates[Fate.DUPLICATE] == 0, "the same place again counts as what it was"
    assert {name: rows(workshop, name) for name in before} == before
    unseen = text_event("m-9", eventTimestamp=AT + 9)
    late = text_event("m-1", eventType="TEXT_FAILED", eventTimestamp=int(NOW.timestamp() * 1000) + 1, messageRequestTimestamp=None)
    path = landing("c.json", [unseen, late, {"pigeon": 3, "wa": NUMBER.removeprefix("+")}])
    tally = workshop.ingest(path)
    assert (tally.fates[Fate.EVENT], tally.fates[Fate.DEAD_LETTER]) == (2, 1)
    assert not [value for value in everything(workshop) if any(name in value for name in names)]
    assert len(rows(workshop)) == len(before["events"]) + 2
    assert [row["status"] for row in rows(workshop, "dead_letters") if row["sealed_record"] == b""] == ["discarded"] * 3
    assert_pair_agrees(Lake.open(workshop.settings))


def test_later_messages_to_the_same_number_are_new_data(workshop: Workshop, filled: Path, landing: Write) -> None:
    erased(workshop, NUMBER)
    later = int((NOW + timedelta(hours=1)).timestamp() * 1000)
    workshop.ingest(landing("c.json", [text_event("m-9", eventTimestamp=later, messageRequestTimestamp=later)]))
    assert workshop.rows("SELECT message_id FROM events WHERE recipient_id = '" + person(workshop, NUMBER) + "'") == [{"message_id": "m-9"}]


def test_a_backfill_does_not_bring_the_person_back(workshop: Workshop, filled: Path) -> None:
    erased(workshop, NUMBER)
    before = [{k: v for k, v in row.items() if k != "ingested_at"} for row in rows(workshop)]
    lake = Lake.open(workshop.settings)
    day = date(2026, 3, 4)
    done = backfill(
        lake, workshop.keyring, [str(filled)], workshop.settings, day, day, "a test", may_keep=False, clock=lambda: NOW + timedelta(days=1),
        progress=lambda _: lambda *_: None,
    )  # fmt: skip
    assert done.events.rebuilt == 4
    assert [{k: v for k, v in row.items() if k != "ingested_at"} for row in rows(workshop)] == before
    assert_pair_agrees(lake)


def test_an_erasure_between_reading_and_committing_is_honoured(workshop: Workshop, landing: Write) -> None:
    from ingest.run import ingest

    path = landing("a.json", [text_event("m-1"), text_event("m-2", destinationPhoneNumber=OTHER), {"pigeon": NUMBER}])
    lake = Lake.open(workshop.settings)

    def meanwhile(point: str) -> None:
        if point == "read":
            erased(workshop, NUMBER)

    ingest(
        lake, workshop.keyring, [str(path)], workshop.settings, clock=lambda: NOW, progress=lambda _: lambda *_: None, checkpoint=meanwhile
    )
    assert sorted(str(row["recipient_id"]) for row in rows(workshop)) == ["None", person(workshop, OTHER)]
    assert [row["status"] for row in rows(workshop, "dead_letters")] == ["discarded"]


def test_a_person_stays_forgotten_under_a_key_that_came_later(workshop: Workshop, filled: Path, landing: Write) -> None:
    erased(workshop, NUMBER)
    later = PseudonymKey("bbbbbb", b"b" * 32)
    rotated = replace(workshop, keyring=replace(workshop.keyring, pseudonym_keys=(*workshop.keyring.pseudonym_keys, later)))
    path = landing("c.json", [text_event("m-9", eventTimestamp=AT + 9), text_event("m-10", destinationPhoneNumber=OTHER)])
    rotated.ingest(path)
    found = [row["recipient_id"] for row in rows(workshop) if row["source_object"].endswith("c.json")]
    assert sorted(map(str, found)) == ["None", person(rotated, OTHER)]


def test_of_an_email_to_several_only_one_is_erased(workshop: Workshop, landing: Write) -> None:
    jo, mo = "jo.doe@example.com", "mo@example.org"
    path = landing("a.json", [ses_send(jo, mo)])
    workshop.ingest(path, raw_event=True)
    erased(workshop, jo)
    found = {row["recipient_id"]: row for row in rows(workshop)}
    assert set(found) == {None, person(workshop, mo)}
    assert (found[None]["message_id"][:4], found[None]["raw_event"], found[None]["subject"], found[None]["campaign"]) == (
        "mid_",
        None,
        None,
        "spring",
    )
    other = found[person(workshop, mo)]
    assert (other["message_id"], other["subject"]) == ("0100018d-aaaa", "A subject")
    assert person(workshop, mo) in other["raw_event"]
    assert not [value for value in everything(workshop) if person(workshop, jo) in value]
    assert len(rows(workshop, "messages")) == 2
    assert_pair_agrees(Lake.open(workshop.settings))


def test_persons_of_whatsapp_leave_and_their_ids_stay_opaque(workshop: Workshop) -> None:
    for source in ("whatsapp_message", "whatsapp_status"):
        workshop.ingest(data_folder("templates") / source / "examples")
    counts = "SELECT count(*) AS n, count(DISTINCT message_id) AS ids, count(DISTINCT message_key) AS keys FROM events"
    names = [
        row["recipient_id"] for row in workshop.rows("SELECT DISTINCT recipient_id FROM events WHERE recipient_id IS NOT NULL ORDER BY 1")
    ]
    assert {name[:2] for name in names} == {"ph", "wa"}
    before = workshop.rows(counts)
    for name in names[:1] + names[-1:]:
        assert erased(workshop, name).tables["events"].rows_erased > 0
        assert not [value for value in everything(workshop) if name in value]
    assert workshop.rows(counts) == before
    assert workshop.rows("SELECT count(*) AS n FROM events WHERE message_id LIKE 'wamid.%'") == [{"n": 0}]
    assert {row["recipient_id"] for row in rows(workshop)} >= set(names[1:-1])
    assert_pair_agrees(Lake.open(workshop.settings))


POINTS = (
    "leased", "erasures_committed", "published", "messages_named", "events_rewritten", "events_erased", "messages_rewritten",
    "messages_erased", "dead_letters_rewritten", "dead_letters_erased",
)  # fmt: skip


def test_every_point_is_passed_in_order(workshop: Workshop, filled: Path) -> None:
    passed: list[str] = []
    erased(workshop, NUMBER, checkpoint=passed.append)
    assert passed == list(POINTS)


@pytest.mark.parametrize("point", POINTS)
def test_a_stop_at_any_point_heals_at_the_next_run(workshop: Workshop, filled: Path, point: str) -> None:
    def stop(reached: str) -> None:
        if reached == point:
            raise Stop

    before = rows(workshop)
    with pytest.raises(Stop):
        erased(workshop, NUMBER, checkpoint=stop)
    published = Published(Lake.open(workshop.settings))
    assert len(published.files("events")) >= 1
    erased(workshop, NUMBER)
    assert [[row[name] for name in KEPT] for row in rows(workshop)] == [[row[name] for name in KEPT] for row in before]
    assert not [value for value in everything(workshop) if person(workshop, NUMBER) in value]
    assert sum(row["sealed_record"] == b"" for row in rows(workshop, "dead_letters")) == 2
    assert_pair_agrees(Lake.open(workshop.settings))


def test_a_reader_sees_the_person_whole_or_not_at_all(workshop: Workshop, filled: Path) -> None:
    seen: list[tuple[int, int]] = []

    def look(point: str) -> None:
        del point
        told = workshop.rows(
            "SELECT (SELECT count(recipient_id) FROM events) AS events, (SELECT count(recipient_id) FROM messages) AS messages"
        )
        seen.append((told[0]["events"], told[0]["messages"]))

    erased(workshop, NUMBER, checkpoint=look)
    assert set(seen) == {(3, 3), (1, 1)}


def test_after_the_time_of_readers_no_file_holds_the_person(workshop: Workshop, filled: Path) -> None:
    done = erased(workshop, NUMBER)
    assert {holder.table for holder in done.holders} >= {"events", "messages", "dead_letters"}
    latest = max(holder.expires_after for holder in done.holders if holder.expires_after)
    name = person(workshop, NUMBER).encode()
    assert any(name in data for data in _decoded(workshop)), "until then readers may need the old files"
    maintain(Lake.open(workshop.settings), latest + timedelta(hours=25))
    assert not [data for data in _decoded(workshop) if name in data]
    assert not erased(workshop, NUMBER, now=latest + timedelta(hours=26)).holders


def test_a_tagged_snapshot_is_listed_without_a_date(workshop: Workshop, filled: Path) -> None:
    events = Lake.open(workshop.settings).table("events")
    snapshot = events.current_snapshot()
    assert snapshot is not None
    events.manage_snapshots().create_tag(snapshot.snapshot_id, "training-set").commit()
    done = erased(workshop, NUMBER)
    assert [(holder.snapshot_id, holder.expires_after) for holder in done.holders if holder.table == "events"] == [
        (snapshot.snapshot_id, None)
    ]


def _decoded(workshop: Workshop) -> list[bytes]:
    """What every file of the lake holds: Parquet read through its compression, all else as it is."""
    import pyarrow.parquet as pq

    files = [path for path in Path(workshop.settings.lake).rglob("*") if path.is_file()]
    return [
        json.dumps(pq.ParquetFile(path).read().to_pylist(), default=str).encode() if path.suffix == ".parquet" else path.read_bytes()
        for path in files
    ]


def test_ten_subjects_are_one_pass(workshop: Workshop, landing: Write) -> None:
    numbers = [f"+1206555{n:04}" for n in range(100, 120)]
    workshop.ingest(landing("a.json", [text_event(f"m-{number}", destinationPhoneNumber=number) for number in numbers]))
    done = erased(workshop, *numbers[:10])
    assert (done.subjects_found, done.tables["events"].rows_erased, done.tables["events"].files_rewritten) == (10, 10, 1)
    assert workshop.rows("SELECT count(recipient_id) AS n FROM events") == [{"n": 10}]


def test_a_lake_of_an_earlier_version_gets_the_table(workshop: Workshop, filled: Path) -> None:
    lake = Lake.open(workshop.settings)
    lake.catalog.drop_table(("engagedb", "erasures"))
    assert erased(workshop, NUMBER).tables["events"].rows_erased == 3
    assert workshop.rows("SELECT kind, count(*) AS n FROM erasures GROUP BY ALL ORDER BY 1") == [
        {"kind": "message", "n": 2}, {"kind": "person", "n": 1}, {"kind": "pseudonym", "n": 1},
    ]  # fmt: skip
