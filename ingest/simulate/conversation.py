"""Conversation records: what the chat application logs of both sides, JSON lines."""

from __future__ import annotations

import json
from typing import Final

import numpy as np

from ingest.simulate.chat import ANSWERS, QUESTIONS, ChatPlan, fill, plan_chats
from ingest.simulate.draw import Ints, scatter
from ingest.simulate.feed import Feed
from ingest.simulate.truth import Truth
from ingest.simulate.whatsapp import BUSINESS_NUMBER, digits_of, wamids
from ingest.simulate.world import ACCOUNT, World

_SOURCES: Final = ("bedrockkb", "llm", "agent")
_RECORD: Final = (
    f'{{"accountId":"{ACCOUNT}","organizationId":"40511560934972","messageId":"%s","sendingAddress":"+%s","destinationAddress":"+%s",'
    '"channel":"whatsapp","direction":"%s","knowledgeBaseId":"KB7QX2","sessionId":"session-%08x","source":"%s","timestamp":%d,'
    '"tags":{"environment":"prod","use_case":"support"},"message":%s}'
)


def conversation_feed(world: World, day: int, shard: int) -> Feed:
    """Two records for each answered message: the question, then the answer."""
    chats = plan_chats(world, day, shard)
    arrivals = np.concatenate([chats.logged, chats.answer_logged])
    return Feed(arrivals, lambda records: _render(chats, records), lambda truth: _count(truth, chats))


def _render(chats: ChatPlan, records: Ints) -> list[str]:
    turns = len(chats.answered)
    is_answer = records >= turns
    turn = records % max(1, turns)
    asked = chats.answered[turn]
    person = chats.person[asked]
    numbers = digits_of(person)
    questions = fill(QUESTIONS, chats.question[asked], person)
    answers = fill(ANSWERS, scatter(chats.answer.ids[turn], 81, len(ANSWERS)), person)
    rows = zip(
        is_answer.tolist(), numbers,
        wamids(numbers, chats.ids[asked], inbound=True), wamids(numbers, chats.answer.ids[turn], inbound=False),
        scatter(person + chats.at[asked] // 86_400_000, 82, 1 << 32).tolist(), scatter(chats.ids[asked], 83, len(_SOURCES)).tolist(),
        chats.at[asked].tolist(), chats.answer.requested[turn].tolist(), questions, answers, strict=True,
    )  # fmt: skip
    return [
        _RECORD % (sent, BUSINESS_NUMBER, number, "outbound", session, _SOURCES[source], answered_at, _quoted(answer))
        if outbound
        else _RECORD % (got, number, BUSINESS_NUMBER, "inbound", session, "customer", asked_at, _quoted(question))
        for outbound, number, got, sent, session, source, asked_at, answered_at, question, answer in rows
    ]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _count(truth: Truth, chats: ChatPlan) -> None:
    asked, answered = truth.landed(chats.logged), truth.landed(chats.answer_logged)
    truth.add("events/conversation/inbound", int(asked.sum()))
    truth.add("events/conversation/outbound", int(answered.sum()))
