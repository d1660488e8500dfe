"""What a template neither reads nor drops stands in the attributes, once, and belongs to the row."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engagedb.settings import data_folder

Make = Callable[[Any], list[Any]]


def attributes(make: Make, path: str) -> list[dict[str, str]]:
    """The attributes of each row that an example gives."""
    source, name = path.split("/")
    body = Path(data_folder("templates"), source, "examples", f"{name}.json").read_bytes()
    return [made.values.get("attributes") or {} for made in make(body)]


def test_addresses_of_everybody_on_a_mail_are_dropped_with_its_headers(make: Make) -> None:
    for row in attributes(make, "ses/bounce_of_two_out_of_three"):
        assert not [path for path in row if path.startswith(("mail.headers[", "mail.commonHeaders.to", "mail.destination"))]


def test_a_bounce_row_tells_of_its_own_recipient_only(make: Make) -> None:
    first, second = attributes(make, "ses/bounce_of_two_out_of_three")
    assert (first["bounce.bouncedRecipients[].status"], first["bounce.bouncedRecipients[].action"]) == ("4.2.2", "failed")
    assert "bounce.bouncedRecipients[].status" not in second


def test_what_stands_in_a_column_does_not_stand_in_the_attributes(make: Make) -> None:
    (row,) = attributes(make, "sms/delivered_flagged_by_monitor")
    assert row == {}
    (row,) = attributes(make, "ses/open_by_a_scanner")
    assert not [path for path in row if path.startswith("mail.tags")]


def test_the_session_fee_of_rcs_is_kept_as_an_attribute(make: Make) -> None:
    (row,) = attributes(make, "rcs/conversation_fee_is_no_message_price")
    assert row["conversationSessionFee"] == "0.012"


def test_a_whatsapp_row_holds_nothing_of_the_other_messages_and_statuses(make: Make) -> None:
    text, image, reaction, status = attributes(make, "whatsapp_message/every_message_of_every_change")
    assert "my cat" not in json.dumps([text, reaction, status])
    assert [path for path in image if path.endswith("messages[].image.mime_type")]
    for row in (text, image, reaction):
        assert not [path for path in row if ".statuses[]" in path]
    assert not [path for path in status if ".messages[]" in path]


def test_the_id_that_aws_gives_a_whatsapp_event_is_kept(make: Make) -> None:
    for row in attributes(make, "whatsapp_status/failed"):
        assert row["messageId"] == "f3b0c442-98fc-4c14-9afb-f4c8996fb924"
