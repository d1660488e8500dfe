"""What the e-mails of one day add to the truth: rows by word, messages and outcomes per recipient, opens and clicks."""

from __future__ import annotations

import numpy as np

from ingest.simulate.people import DOMAINS, domain_of
from ingest.simulate.ses_plan import (
    BOUNCE,
    CLICK,
    COMPLAINT,
    DELIVERY,
    FOR_ALL,
    MOST_RECIPIENTS,
    OPEN,
    REJECT,
    RENDERING_FAILURE,
    SUBSCRIPTION,
    TRANSIENT,
    WORDS,
    MailPlan,
)  # fmt: skip
from ingest.simulate.truth import Truth

_OUTCOMES = ("pending", "delivered", "failed")


def count_mail(truth: Truth, plan: MailPlan) -> None:
    landed = truth.landed(plan.event_arrivals)
    message, slot, kind = plan.event_message[landed], plan.event_slot[landed], plan.event_kind[landed]
    detail, bot = plan.event_detail[landed], plan.event_bot[landed]
    for_all = np.isin(kind, FOR_ALL)
    rows = np.where(for_all, plan.recipients[message], 1)
    for code, word in enumerate(WORDS):
        truth.add(f"events/ses/{word}", int(rows[kind == code].sum()))

    engaged = (kind == OPEN) | (kind == CLICK) | (kind == SUBSCRIPTION)
    tied = ~engaged | (plan.recipients[message] == 1)  # an open that names none of several recipients belongs to no messages row
    for recipient in range(MOST_RECIPIENTS):
        mine = tied & ((slot == recipient) | (for_all & (plan.recipients[message] > recipient)))
        seen = np.zeros(len(plan.ids), dtype=bool)
        seen[message[mine]] = True
        outcome = np.zeros(len(plan.ids), dtype=np.int64)
        outcome[message[mine & (np.isin(kind, (REJECT, RENDERING_FAILURE)) | ((kind == BOUNCE) & (detail == TRANSIENT)))]] = 2
        outcome[message[mine & np.isin(kind, (DELIVERY, OPEN, CLICK))]] = 1
        outcome[message[mine & (kind == BOUNCE) & (detail != TRANSIENT)]] = 2
        truth.add("messages/email/outbound", int(seen.sum()))
        truth.add_words("email/outcomes", _OUTCOMES, outcome[seen])
        domain = domain_of(plan.people[recipient])
        for index, name in enumerate(DOMAINS.tolist()):
            here = seen & (domain == index)
            truth.add(f"email/domains/{name}/messages", int(here.sum()))
            truth.add(f"email/domains/{name}/delivered", int((here & (outcome == 1)).sum()))
    for word, code in (("opens", OPEN), ("clicks", CLICK)):
        truth.add(f"email/{word}/people", int(((kind == code) & ~bot).sum()))
        truth.add(f"email/{word}/bots", int(((kind == code) & bot).sum()))
        truth.add(f"email/{word}/messages_by_people", len(np.unique(message[(kind == code) & ~bot & tied])))
    truth.add("email/bounces/permanent", int(((kind == BOUNCE) & (detail != TRANSIENT)).sum()))
    truth.add("email/bounces/transient", int(((kind == BOUNCE) & (detail == TRANSIENT)).sum()))
    truth.add("email/complaints", int((kind == COMPLAINT).sum()))
