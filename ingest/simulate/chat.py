"""Chats on WhatsApp: a customer writes, and most texts get an answer from the bot within seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ingest.simulate.draw import Bools, Ints, Words, chance, pick, spread
from ingest.simulate.feed import arrive
from ingest.simulate.ladder import Climb, climb, draw_messages
from ingest.simulate.people import FAMILY, GIVEN, name_of
from ingest.simulate.whatsapp import WHERE
from ingest.simulate.whatsapp_status import REPLY_PATHS
from ingest.simulate.world import World

TYPES: Final = ("text", "button", "interactive", "image", "reaction")
TEXT, REACTION = TYPES.index("text"), TYPES.index("reaction")
QUESTIONS: Final = (
    "Where is my order?",
    "Olá, aqui é %s %s. Meu pedido não chegou",
    "¿Cuál es el estado de mi pedido 8841-2093?",
    'The box says "fragile" but the vase is broken :(',
    "Hallo, hier %s %s. Kann ich noch umtauschen?",
    "I want to return the shoes\nsize 42 is too small",
    "Please change the delivery address",
    "do you ship to islands?",
    "मेरा ऑर्डर कहाँ है?",
    "Thanks! 🙏",
)
ANSWERS: Final = (
    "Your parcel arrives tomorrow between 9 and 12.",
    "Olá %s! Já estamos verificando com a transportadora.",
    "Su pedido está en camino, %s.",
    "I am sorry to hear that, %s. A colleague will contact you.",
    "You can return it within 30 days: https://novashop.example/returns?c=%s",
)


@dataclass(frozen=True, slots=True)
class ChatPlan:
    """One value per inbound message; `answered` are the indexes of those with an answer, one value each in `answer`."""

    ids: Ints
    person: Ints
    at: Ints
    arrivals: Ints
    type: Ints
    question: Ints
    answered: Ints
    answer: Climb
    logged: Ints  # arrival of the conversation record of each answered message
    answer_logged: Ints


def plan_chats(world: World, day: int, shard: int) -> ChatPlan:
    """The chats begun on that day."""
    rng, country, person, at = draw_messages(world, "chat", day, shard, WHERE, campaign=False)
    at = at // 1000 * 1000
    count = len(at)
    kind = pick(rng, (74, 10, 7, 6, 3), count)
    is_answered: Bools = (kind == TEXT) & chance(rng, 0.8, count)
    answered = np.flatnonzero(is_answered)
    sent = at[answered] + 1_000 + spread(rng, 3_000, 0.6, len(answered), 60_000)
    return ChatPlan(
        ids=rng.integers(1, 1 << 62, count), person=person, at=at, arrivals=arrive(rng, at), type=kind,
        question=rng.integers(0, len(QUESTIONS), count), answered=answered,
        answer=climb(rng, country[answered], person[answered], sent, REPLY_PATHS, ms=1000),
        logged=arrive(rng, at[answered]), answer_logged=arrive(rng, sent),
    )  # fmt: skip


def fill(texts: tuple[str, ...], choice: Ints, person: Ints) -> list[str]:
    """The chosen texts with the person's names in their places."""
    given, family = name_of(person)
    names = zip(_listed(GIVEN, given), _listed(FAMILY, family), strict=True)
    return [texts[c] % both[: texts[c].count("%s")] for c, both in zip(choice.tolist(), names, strict=True)]


def _listed(values: Words, index: Ints) -> list[str]:
    return values[index].tolist()  # type: ignore[no-any-return]
