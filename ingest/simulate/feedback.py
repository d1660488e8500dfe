"""Message feedback as the application logs its own PutMessageFeedback calls: JSON lines, one a call."""

from __future__ import annotations

from typing import Final

import numpy as np

from ingest.simulate.draw import UUID, Ints, uuid_fields, words
from ingest.simulate.feed import Feed
from ingest.simulate.sms_plan import NO_FEEDBACK, plan_sms
from ingest.simulate.truth import Truth
from ingest.simulate.world import ACCOUNT, World

_RECORD: Final = '{"messageFeedback":{"messageId":"' + UUID + f'","status":"%s","timestamp":%d,"accountId":"{ACCOUNT}"}}}}'
_WORDS: Final = words(["", "RECEIVED", "FAILED"])


def feedback_feed(world: World, day: int, shard: int) -> Feed:
    """The feedback on the SMS messages requested on that day."""
    plan = plan_sms(world, day, shard)
    given = np.flatnonzero(plan.feedback != NO_FEEDBACK)
    arrivals = plan.feedback_arrivals[given]

    def render(records: Ints) -> list[str]:
        message = given[records]
        columns = (*uuid_fields(plan.ids[message]), _WORDS[plan.feedback[message]], plan.feedback_at[message])
        return list(map(_RECORD.__mod__, zip(*(column.tolist() for column in columns), strict=True)))

    def count(truth: Truth) -> None:
        truth.add_words("events/feedback", _WORDS.tolist(), plan.feedback[given[truth.landed(arrivals)]])

    return Feed(arrivals, render, count)
