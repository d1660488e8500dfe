"""The truth file against an independent recount of the landing folder with the real readers."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.ingest.simulate.landing import History, entries, sms_messages

FINAL = {
    "TEXT_DELIVERED": "delivered", "TEXT_SUCCESSFUL": "accepted", "TEXT_TTL_EXPIRED": "expired", "TEXT_UNKNOWN": "unknown",
    "TEXT_BLOCKED": "blocked", "TEXT_CARRIER_BLOCKED": "blocked", "TEXT_SPAM": "blocked", "TEXT_PROTECT_BLOCKED": "blocked",
    "TEXT_UNREACHABLE": "failed", "TEXT_CARRIER_UNREACHABLE": "failed", "TEXT_INVALID": "failed", "TEXT_INVALID_MESSAGE": "failed",
}  # fmt: skip


def nonzero(counts: Counter[str]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}


def test_every_record_of_the_folder_is_counted(history: History) -> None:
    assert len(history.records) == history.truth["records"] == sum(history.truth["fates"].values())


def test_dead_letters_are_those_that_the_readers_cannot_use(history: History) -> None:
    unusable = sum(r.payload is None for r in history.records)
    reasons = history.truth["reasons"]
    assert unusable == reasons["not_json"] + reasons.get("undecodable", 0)
    assert sum((r.payload or {}).get("kind") == "heartbeat" for r in history.records) == reasons["unknown_source"]
    assert sum((r.payload or {}).get("eventTimestamp") == "not known" for r in history.records) == reasons.get("bad_timestamp", 0)
    assert history.truth["fates"]["dead_letter"] == sum(reasons.values()) == history.truth["rows"]["dead_letters"]


def test_redelivered_records_are_the_duplicates(history: History) -> None:
    usable = [(r.prefix, repr(r.payload)) for r in history.records if r.payload is not None]
    assert len(usable) - len(set(usable)) == history.truth["fates"]["duplicate"] > 0


def test_text_events_are_counted_by_their_words(history: History) -> None:
    words = Counter(event["eventType"] for events in sms_messages(history).values() for event in events)
    assert nonzero(words) == history.truth["events"]["sms"]


def test_outcomes_and_money_by_country_are_those_of_the_messages(history: History) -> None:
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    paid: dict[str, Decimal] = defaultdict(Decimal)
    flagged: Counter[str] = Counter()
    for events in sms_messages(history).values():
        country = events[0]["isoCountryCode"]
        final = {FINAL[e["eventType"]] for e in events if e["isFinal"]}
        assert len(final) <= 1
        outcomes[country][final.pop() if final else "pending"] += 1
        paid[country] += Decimal(str(events[0]["totalMessagePrice"]))
        flagged[country] += events[0].get("protectConfigurationAssessment", {}).get("protectRecommendation") == "BLOCK"
    truth = history.truth["sms"]["countries"]
    assert {c: dict(counts) for c, counts in outcomes.items()} == {c: entry["outcomes"] for c, entry in truth.items()}
    assert nonzero(flagged) == {c: e["recommended_to_block"] for c, e in truth.items() if "recommended_to_block" in e}
    spent = {c: Decimal(e["message_price_usd"]) for c, e in truth.items() if "message_price_usd" in e}
    assert {c: usd for c, usd in paid.items() if usd} == spent
    assert sum(map(len, outcomes.values())) > 0
    assert len(sms_messages(history)) == history.truth["messages"]["sms"]["outbound"]


def test_feedback_states_are_those_of_the_last_moment(history: History) -> None:
    calls = [p["messageFeedback"] for p in history.payloads("feedback") if "messageFeedback" in p]
    said = {call["messageId"]: call["status"].lower() for call in calls}
    as_of = datetime.fromisoformat(history.truth["as_of"]).timestamp() * 1000
    states: Counter[str] = Counter()
    for message, events in sms_messages(history).items():
        if events[0]["context"].get("feedback") == "expected":
            waits = events[0]["messageRequestTimestamp"] + 3_600_000 >= as_of
            states[said.get(message, "pending" if waits else "silent")] += 1
    truth: Counter[str] = Counter()
    for entry in history.truth["sms"]["countries"].values():
        truth.update({state: n for state, n in entry.get("feedback", {}).items() if state not in ("expected", "late")})
    assert states == truth
    assert states["received"] > states["silent"] > 0


def test_email_rows_fan_out_and_scanners_are_told_apart(history: History) -> None:
    mails = [p for p in history.payloads("ses") if "eventType" in p]
    for_all = {"Send", "Reject", "Rendering Failure"}
    rows: Counter[str] = Counter()
    for mail in mails:
        rows[mail["eventType"]] += len(mail["mail"]["destination"]) if mail["eventType"] in for_all else 1
    assert rows == history.truth["events"]["ses"]
    opens = Counter(m["open"]["isBotEvent"] for m in mails if m["eventType"] == "Open")
    truth = history.truth["email"]
    assert (opens["Unlikely"], opens["Likely"]) == (truth["opens"]["people"], truth["opens"]["bots"])
    assert any(len(m["mail"]["destination"]) > 1 for m in mails)


def concerned(mail: dict[str, Any]) -> list[str]:
    """The addresses that an event speaks of; an open that names none of several recipients speaks of nobody."""
    everybody: list[str] = mail["mail"]["destination"]
    match mail["eventType"]:
        case "Delivery":
            return list(mail["delivery"]["recipients"])
        case "Bounce":
            return [r["emailAddress"] for r in mail["bounce"]["bouncedRecipients"]]
        case "DeliveryDelay":
            return [r["emailAddress"] for r in mail["deliveryDelay"]["delayedRecipients"]]
        case "Complaint":
            return [r["emailAddress"] for r in mail["complaint"]["complainedRecipients"]]
        case "Open" | "Click":
            return everybody if len(everybody) == 1 else []
        case _:
            return everybody


def test_email_outcomes_are_counted_per_recipient(history: History) -> None:
    told: dict[tuple[str, str], set[str]] = defaultdict(set)
    for mail in history.payloads("ses"):
        if "eventType" in mail:
            kind = mail["eventType"]
            word = f"{kind} {mail['bounce']['bounceType']}" if kind == "Bounce" else kind
            for address in concerned(mail):
                told[mail["mail"]["messageId"], address].add(word)
    outcomes: Counter[str] = Counter()
    for words in told.values():
        if "Bounce Permanent" in words:
            outcomes["failed"] += 1
        elif words & {"Delivery", "Open", "Click"}:
            outcomes["delivered"] += 1
        else:
            outcomes["failed" if words & {"Bounce Transient", "Reject", "Rendering Failure"} else "pending"] += 1
    assert outcomes == history.truth["email"]["outcomes"]
    assert len(told) == history.truth["messages"]["email"]["outbound"]


def test_whatsapp_statuses_and_messages_are_counted_one_by_one(history: History) -> None:
    values = [change["value"] for entry in entries(history) for change in entry["changes"] if change["field"] == "messages"]
    statuses = Counter(status["status"] for value in values for status in value.get("statuses", ()))
    assert statuses == history.truth["events"]["whatsapp_status"]
    messages = Counter(message["type"] for value in values for message in value.get("messages", ()))
    assert messages == history.truth["events"]["whatsapp_message"]
    assert any(len(value.get("statuses", ())) == 2 for value in values)


def test_rcs_and_voice_money_is_that_of_the_receipts(history: History) -> None:
    rcs = [p for p in history.payloads("sms") if str(p.get("eventType")) == "RCS_DELIVERED" and isinstance(p["eventTimestamp"], int)]
    calls = [p for p in history.payloads("sms") if str(p.get("eventType")) == "VOICE_COMPLETED" and isinstance(p["eventTimestamp"], int)]
    assert sum(Decimal(str(p["totalMessagePrice"])) for p in rcs) == Decimal(history.truth["rcs"]["message_price_usd"])
    assert sum(Decimal(str(p["totalMessagePrice"])) for p in calls) == Decimal(history.truth["voice"]["message_price_usd"])
    assert sum(p["callDurationInSeconds"] for p in calls) == history.truth["voice"]["duration_s"]


def test_nothing_is_dated_after_the_history_ends(history: History) -> None:
    end = datetime.fromisoformat(history.truth["as_of"])
    times = [e["eventTimestamp"] for events in sms_messages(history).values() for e in events]
    assert max(datetime.fromtimestamp(t / 1000, UTC) for t in times) < end
