"""Records that no lake can use: cut-off JSON, garbage lines, documents of unknown kind, impossible times.

Every spoiled record ends with a line break, and a cut falls inside a string: so all readers agree where the next
record begins, and the truth about dead letters is exact.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from ingest.simulate.draw import Ints, generator, pick
from ingest.simulate.feed import Feed
from ingest.simulate.rhythm import DAY_MS
from ingest.simulate.truth import Truth
from ingest.simulate.world import World

SHARE: Final = 0.0008
# Kind, weight, and the reason code of the dead letter that it must become.
_KINDS: Final = (
    ("truncated", 40, "not_json"),
    ("garbage", 25, "not_json"),
    ("unknown_kind", 20, "unknown_source"),
    ("lone_surrogate", 5, "undecodable"),
    ("bad_time", 10, "bad_timestamp"),
)
_EVENT_TIME: Final = re.compile(r'"eventTimestamp":\d+')


def spoiled_feed(world: World, source: str, day: int, shard: int, whole: Feed) -> Feed:
    """A few spoiled records for that stream and day, some made from records of `whole`."""
    rng = generator(world.seed, "spoil", source, day, shard)
    count = int(rng.binomial(len(whole.arrivals), SHARE))
    victims: Ints = rng.permutation(len(whole.arrivals))[:count]
    kinds = pick(rng, [weight for _, weight, _ in _KINDS], count)
    if source != "eum":  # only these state their time where it can be spoiled for sure
        kinds = np.where(kinds == len(_KINDS) - 1, 0, kinds)
    arrivals = world.day_ms(day) + rng.integers(0, DAY_MS, count)
    marks = rng.integers(0, 1 << 40, count)

    def render(records: Ints) -> list[str]:
        texts = whole.render(victims[records])
        return [_spoil(text, _KINDS[k][0], m) for text, k, m in zip(texts, kinds[records].tolist(), marks[records].tolist(), strict=True)]

    def count_landed(truth: Truth) -> None:
        landed = kinds[truth.landed(arrivals)]
        for code, (name, _, reason) in enumerate(_KINDS):
            truth.add(f"malformed/{name}", int((landed == code).sum()))
            truth.add(f"reasons/{reason}", int((landed == code).sum()))

    return Feed(arrivals, render, count_landed)


def _spoil(text: str, kind: str, mark: int) -> str:
    if kind == "truncated":
        return text[: text.rindex('":"', 0, len(text) * 6 // 10) + 4] + "\n"
    if kind == "garbage":
        return f"upstream connect error or disconnect/reset before headers, request {mark:010x}\n"
    if kind == "unknown_kind":
        return f'{{"kind":"heartbeat","node":"relay-{mark % 9}","sequence":{mark}}}\n'
    if kind == "lone_surrogate":
        return f'{{"note":"\\ud83d alone","sequence":{mark}}}\n'
    return _EVENT_TIME.sub('"eventTimestamp":"not known"', text) + "\n"
