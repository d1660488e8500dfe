"""The same event in two forms is one event; two events are never one."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engagedb.settings import data_folder

Make = Callable[[Any], list[Any]]


def example(path: str) -> dict[str, Any]:
    source, name = path.split("/")
    loaded: dict[str, Any] = json.loads(Path(data_folder("templates"), source, "examples", f"{name}.json").read_text("utf-8"))
    return loaded


def ids(make: Make, body: Any) -> list[str]:
    """Ids of the rows, in order, all different within the record."""
    found = [made.values.get("event_id") or made.values.get("notice_id") for made in make(body)]
    assert None not in found
    assert len(set(found)) == len(found)
    return found


def in_sns(payload: Any) -> dict[str, Any]:
    return {
        "Type": "Notification",
        "TopicArn": "arn:aws:sns:eu-west-1:111122223333:t",
        "Message": json.dumps(payload),
        "Timestamp": "2026-03-09T00:00:00.000Z",
    }


def in_event_bridge(payload: Any) -> dict[str, Any]:
    return {
        "version": "0", "id": "1", "detail-type": "Anything", "source": "aws.any", "account": "999988887777",
        "time": "2026-03-09T00:00:00Z", "region": "us-west-2", "resources": [], "detail": payload,
    }  # fmt: skip


SAME_IN_EVERY_ENVELOPE = (
    "sms/delivered_flagged_by_monitor", "mms/delivered", "voice/completed", "rcs/read", "ses/bounce_of_two_out_of_three",
    "ses/click_that_names_none_of_several", "whatsapp_message/every_message_of_every_change",
    "whatsapp_status/every_status_of_every_change",
    "whatsapp_call/calls_both_ways", "whatsapp_preference/stop_and_resume", "whatsapp_notice/template_rejected", "conversation/inbound",
    "feedback/log_record", "registration/without_its_envelope", "pinpoint_sms/delivered", "pinpoint_email/send_to_two_people",
)  # fmt: skip


def test_an_event_is_the_same_in_every_envelope(make: Make) -> None:
    for path in SAME_IN_EVERY_ENVELOPE:
        payload = example(path)
        bare = ids(make, payload)
        assert ids(make, in_sns(payload)) == bare, path
        assert ids(make, in_event_bridge(payload)) == bare, path
        assert ids(make, in_sns(in_event_bridge(payload))) == bare, path


def test_a_reply_is_the_same_whenever_its_envelope_arrives(make: Make) -> None:
    reply = example("sms_inbound/reply")
    again = {**reply, "Timestamp": "2026-03-04T10:25:00.000Z"}
    assert ids(make, reply) == ids(make, again)


def test_a_whatsapp_entry_is_the_same_behind_the_header_of_aws_and_bare(make: Make) -> None:
    for path in (path for path in SAME_IN_EVERY_ENVELOPE if path.startswith("whatsapp_")):
        header = example(path)
        entry = json.loads(header["whatsAppWebhookEntry"])
        assert ids(make, entry) == ids(make, {"object": "whatsapp_business_account", "entry": [entry]}) == ids(make, header), path


def test_a_bounce_is_the_same_as_event_and_as_notification(make: Make) -> None:
    published, notified = example("ses/bounce_of_two_out_of_three"), example("ses/bounce_of_two_as_notification")
    assert ids(make, published) == ids(make, notified)


def changed(payload: dict[str, Any], *path: Any, to: Any) -> dict[str, Any]:
    """The payload with another value in one place."""
    copied = copy.deepcopy(payload)
    holder: Any = copied
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = to
    return copied


def test_two_opens_at_different_times_are_two_events(make: Make) -> None:
    opened = example("ses/open_by_a_scanner")
    later = changed(opened, "open", "timestamp", to="2026-03-04T10:20:33.002Z")
    assert ids(make, opened) != ids(make, later)


def test_two_clicks_on_different_links_at_one_moment_are_two_events(make: Make) -> None:
    click = example("ses/click_that_names_none_of_several")
    assert ids(make, click) != ids(make, changed(click, "click", "link", to="https://shop.example.com/help"))


def test_two_people_of_one_bounce_are_two_events_of_two_messages(make: Make) -> None:
    made = make(example("ses/bounce_of_two_out_of_three"))
    assert len({one.values["event_id"] for one in made}) == 2
    assert len({one.values["message_key"] for one in made}) == 2
    assert len({one.values["recipient_id"] for one in made}) == 2


def test_two_receipts_of_a_message_in_parts_are_two_events_of_one_message(make: Make) -> None:
    first = example("sms/delivered_flagged_by_monitor")
    (one,), (two,) = make(first), make({**first, "eventTimestamp": first["eventTimestamp"] + 1})
    assert one.values["event_id"] != two.values["event_id"]
    assert one.values["message_key"] == two.values["message_key"]


def test_each_status_of_a_message_is_an_event_of_its_own(make: Make) -> None:
    first = example("sms/delivered_flagged_by_monitor")
    (one,), (two,) = make(first), make({**first, "eventType": "TEXT_UNKNOWN", "messageStatus": "UNKNOWN"})
    assert one.values["event_id"] != two.values["event_id"]


def test_two_people_of_a_group_are_two_events_of_one_message(make: Make) -> None:
    made = make(example("whatsapp_status/read_in_a_group"))
    assert len({one.values["event_id"] for one in made}) == 2
    assert len({one.values["message_key"] for one in made}) == 1


def test_a_reaction_and_taking_it_back_are_two_events(make: Make) -> None:
    message = {"from": "12065550123", "id": "wamid.R1", "timestamp": "1772619630", "type": "reaction"}

    def reacted(**emoji: str) -> list[str]:
        value = {"messages": [{**message, "reaction": {"message_id": "wamid.B1", **emoji}}]}
        return ids(make, {"id": "9", "changes": [{"field": "messages", "value": value}]})

    given, taken, left_out = reacted(emoji="👍"), reacted(emoji=""), reacted()
    assert given != taken
    assert taken == left_out


def test_the_account_and_the_order_of_keys_do_not_make_another_event(make: Make) -> None:
    payload = example("sms/delivered_flagged_by_monitor")
    assert ids(make, payload) == ids(make, dict(reversed(payload.items())))


def test_an_advisor_finding_of_another_time_or_identity_is_another_notice(make: Make) -> None:
    finding = example("advisor/finding_resolved")
    assert ids(make, finding) == ids(make, copy.deepcopy(finding))
    assert ids(make, finding) != ids(make, {**finding, "time": "2026-03-05T10:20:31Z"})
    assert ids(make, finding) != ids(make, {**finding, "resources": ["arn:aws:ses:eu-west-1:111122223333:identity/other.example.com"]})


def test_a_record_without_an_id_is_told_by_its_whole_payload(make: Make) -> None:
    payload = {key: value for key, value in example("sms/delivered_flagged_by_monitor").items() if key != "messageId"}
    assert ids(make, payload) == ids(make, copy.deepcopy(payload))
    assert ids(make, payload) != ids(make, {**payload, "destinationPhoneNumber": "+12065550124"})


def test_a_conversation_record_joins_the_message_of_its_provider(make: Make) -> None:
    (logged,) = make(example("conversation/inbound"))
    received = make(example("whatsapp_message/every_message_of_every_change"))[0]
    assert logged.values["message_id"] == received.values["message_id"]
    assert logged.values["message_key"] == received.values["message_key"]
    assert logged.values["event_id"] != received.values["event_id"]


def test_feedback_joins_the_text_message_that_it_speaks_of(make: Make) -> None:
    (sent,) = make(example("sms/delivered_flagged_by_monitor"))
    for path in ("feedback/log_record", "feedback/cloudtrail"):
        (reported,) = make(example(path))
        assert reported.values["message_key"] == sent.values["message_key"]
        assert reported.values["stage"] == "feedback"
