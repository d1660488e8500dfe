"""Two-way SMS: what customers write to the company's number, through SNS. The record has no time but the envelope's."""

from __future__ import annotations

from typing import Final

import numpy as np

from ingest.simulate.countries import countries
from ingest.simulate.draw import UUID, Ints, pick, uuid_fields, words
from ingest.simulate.feed import Feed, arrive
from ingest.simulate.ladder import draw_messages
from ingest.simulate.people import FAMILY, GIVEN, RANGES, name_of, phone_of
from ingest.simulate.sns import envelope, escape, iso_times
from ingest.simulate.truth import Truth
from ingest.simulate.world import World

TOPIC: Final = "two-way-sms"
# Keyword and body; %s are the writer's given and family name. Texts as people type them: quotes, line breaks, other scripts.
_TEXTS: Final = (
    (22, "STOP", "STOP"),
    (10, "HELP", "Help"),
    (18, "YES", "Yes"),
    (8, "START", "start"),
    (8, "NOVASHOP", 'Where is my order? It says "out for delivery" since Monday'),
    (6, "NOVASHOP", "Hola, ¿qué tal? Soy %s %s, no llegó mi paquete"),
    (6, "NOVASHOP", "Bonjour, ici %s %s.\nRappelez-moi demain svp"),
    (5, "NOVASHOP", "Thanks, %s %s"),
    (4, "NOVASHOP", "注文番号 4471-2219 はいつ届きますか"),
    (4, "NOVASHOP", "file C:\\new\\invoice.pdf does not open\tplease resend"),
    (3, "NOVASHOP", '{"eventType":"TEXT_DELIVERED"}'),
)
_REPLIES: Final = ("+12065550152", "+14165550118", "+447700900118", "+61491570118")
_WHERE: Final = ("US", "CA", "GB", "AU")
_RECORD: Final = envelope(
    TOPIC,
    f'{{"originationNumber":"%s%04d","destinationNumber":"%s","messageKeyword":"%s","messageBody":"%s","inboundMessageId":"{UUID}",'
    f'"previousPublishedMessageId":"{UUID}"}}',
)


def inbound_feed(world: World, day: int, shard: int) -> Feed:
    """The two-way SMS messages received on that day."""
    rng, country, person, received = draw_messages(world, "inbound", day, shard, _WHERE, campaign=False)
    ids = rng.integers(1, 1 << 62, len(received))
    choice = pick(rng, [weight for weight, _, _ in _TEXTS], len(received))

    def render(records: Ints) -> list[str]:
        given, family = name_of(person[records])
        bodies = [
            escape(_TEXTS[text][2] % ((first, last) if "%s" in _TEXTS[text][2] else ()), 2)
            for text, first, last in zip(choice[records].tolist(), GIVEN[given].tolist(), FAMILY[family].tolist(), strict=True)
        ]
        number_range, digits = phone_of(person[records])
        columns = (
            *(field.tolist() for field in uuid_fields(ids[records] ^ 1)),
            RANGES[number_range].tolist(), digits.tolist(), _NUMBERS[country[records]].tolist(),
            _KEYWORDS[choice[records]].tolist(), bodies,
            *(field.tolist() for field in uuid_fields(ids[records])), *(field.tolist() for field in uuid_fields(ids[records] ^ 2)),
            iso_times(received[records]),
        )  # fmt: skip
        return list(map(_RECORD.__mod__, zip(*columns, strict=True)))

    arrivals = arrive(rng, received)

    def count(truth: Truth) -> None:
        landed = truth.landed(arrivals)
        truth.add("events/sms_inbound/received", int(landed.sum()))
        truth.add("messages/sms/inbound", int(landed.sum()))
        for index in np.unique(country[landed]).tolist():
            truth.add(f"inbound/countries/{countries()[index].code}", int((country[landed] == index).sum()))

    return Feed(arrivals, render, count)


_NUMBERS: Final = words([_REPLIES[_WHERE.index(c.code)] if c.code in _WHERE else "" for c in countries()])
_KEYWORDS: Final = words([keyword for _, keyword, _ in _TEXTS])
