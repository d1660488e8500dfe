"""WhatsApp messages that customers write: texts, buttons, list replies, images and reactions."""

from __future__ import annotations

from typing import Final

import numpy as np

from ingest.simulate.chat import QUESTIONS, REACTION, TEXT, TYPES, ChatPlan, fill, plan_chats
from ingest.simulate.draw import Ints, scatter
from ingest.simulate.feed import Feed, join_feeds
from ingest.simulate.people import FAMILY, GIVEN, name_of
from ingest.simulate.sns import escape
from ingest.simulate.truth import Truth
from ingest.simulate.whatsapp import BUSINESS_NUMBER, INNER, METADATA, back, digits_of, entry, front, record, wamids
from ingest.simulate.whatsapp_status import SERVICE, status_feed, statuses_of
from ingest.simulate.world import World

# %s: for text the body, for the others the id of the message that is answered or reacted to.
_CONTENT: Final = (
    '"text":{"body":"%s"},"type":"text"',
    f'"context":{{"from":"{BUSINESS_NUMBER}","id":"%s"}},"type":"button","button":{{"payload":"track_parcel","text":"Track parcel"}}',
    f'"context":{{"from":"{BUSINESS_NUMBER}","id":"%s"}},"type":"interactive",'
    '"interactive":{"type":"list_reply","list_reply":{"id":"slot_2","title":"Tomorrow 9-12","description":"Free of charge"}}',
    '"type":"image","image":{"mime_type":"image/jpeg","sha256":"%s","id":"65463453"}',
    '"type":"reaction","reaction":{"message_id":"%s","emoji":"👍"}',
)
_RECORDS: Final = tuple(
    record(entry(
        f'{METADATA},"contacts":[{{"profile":{{"name":"%s %s"}},"wa_id":"%s"}}],'
        f'"messages":[{{"from":"%s","id":"%s","timestamp":"%d",{content}}}]'
    ))
    for content in _CONTENT
)  # fmt: skip


def whatsapp_feed(world: World, day: int, shard: int) -> Feed:
    """Everything WhatsApp reports of a day: statuses of messages and of answers, and what customers wrote."""
    chats = plan_chats(world, day, shard)
    answers = statuses_of(chats.answer, np.full(len(chats.answer.ids), SERVICE, dtype=np.int64), chats.answer_logged)
    messages = Feed(chats.arrivals, lambda records: _render(chats, records), lambda truth: _count(truth, chats))
    return join_feeds([status_feed(world, day, shard), answers, messages])


def _render(chats: ChatPlan, records: Ints) -> list[str]:
    texts = np.empty(len(records), dtype=object)
    for kind in range(len(TYPES)):
        here = chats.type[records] == kind
        chosen = records[here]
        person, ids = chats.person[chosen], chats.ids[chosen]
        numbers = digits_of(person)
        given, family = name_of(person)
        if kind == TEXT:
            contents = [escape(text, INNER) for text in fill(QUESTIONS, chats.question[chosen], person)]
        else:
            contents = wamids(numbers, scatter(ids, 71, 1 << 62), inbound=False)
        columns = [
            *front(ids), GIVEN[given].tolist(), FAMILY[family].tolist(), numbers, numbers, wamids(numbers, ids, inbound=True),
            (chats.at[chosen] // 1000).tolist(), contents, *back(ids, chats.arrivals[chosen]),
        ]  # fmt: skip
        texts[here] = list(map(_RECORDS[kind].__mod__, zip(*columns, strict=True)))
    return texts.tolist()


def _count(truth: Truth, chats: ChatPlan) -> None:
    landed = truth.landed(chats.arrivals)
    truth.add_words("events/whatsapp_message", TYPES, chats.type[landed])
    told = landed & (chats.type != REACTION)
    told[chats.answered[truth.landed(chats.logged)]] = True
    truth.add("messages/whatsapp/inbound", int(told.sum()))
