"""SES event publishing: JSON lines, each with the whole `mail` object beside the event's own."""

from __future__ import annotations

from typing import Final

import numpy as np

from ingest.simulate.draw import Ints, Words, scatter, uuid_fields, words
from ingest.simulate.feed import Feed
from ingest.simulate.people import EMAIL, GIVEN, email_of, name_of
from ingest.simulate.ses_plan import (
    BOUNCE,
    CLICK,
    COMPLAINT,
    DELAY,
    DELIVERY,
    LINKS,
    OPEN,
    RENDERING_FAILURE,
    SUBSCRIPTION,
    USE_CASES,
    WORDS,
    MailPlan,
    plan_mail,
)  # fmt: skip
from ingest.simulate.ses_truth import count_mail
from ingest.simulate.sns import escape, iso_times
from ingest.simulate.world import ACCOUNT, REGION, World

_ID: Final = "0102%012x-%08x-%04x-4%03x-%04x-%012x-000000"
_SENDERS: Final = ("news@mail.novashop.example", "orders@novashop.example", "billing@novashop.example", "account@novashop.example")
_CAMPAIGNS: Final = ("spring_letter", "orders", "invoices", "account")
_SUBJECTS: Final = words([escape(subject) for subject in (
    '%s, our "spring" picks for you', "Thanks for your order, %s", "Your invoice – Rechnung / factura, %s", "%s, set a new password",
)])  # fmt: skip
_LINKS: Final = tuple(
    words([f"https://novashop.example/{page}?utm_campaign={_CAMPAIGNS[use_case]}&cid=" for page in ("sale", "account/orders", "help")])
    for use_case in range(len(USE_CASES))
)
_PEOPLE_AGENTS: Final = words([
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)",
    "Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
])  # fmt: skip
_SCANNER_AGENTS: Final = words([
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36",
    "Mozilla/5.0 (compatible; MailGateway-LinkCheck/2.1)",
])  # fmt: skip


def _mail(use_case: int, form: str) -> str:
    """A format for `mail`: send time, id, destinations; unless the form is `short` then To, Subject, To, id, Subject, person."""
    sender, name = _SENDERS[use_case], USE_CASES[use_case]
    configuration_set = "marketing" if name == "newsletter" else "transactional"
    arn = f'"sourceArn":"arn:aws:ses:{REGION}:{ACCOUNT}:identity/{sender.split("@")[1]}",' if form != "engagement" else ""
    head = (
        f'"mail":{{"timestamp":"%s","source":"Novashop <{sender}>",{arn}"sendingAccountId":"{ACCOUNT}","messageId":"{_ID}",'
        '"destination":[%s],"headersTruncated":false'
    )
    if form == "short":
        return head + f',"tags":{{"ses:configuration-set":["{configuration_set}"]}}}}'
    engagement = f'{{"name":"X-SES-CONFIGURATION-SET","value":"{configuration_set}"}},' if form == "engagement" else ""
    return head + (
        f',"headers":[{engagement}{{"name":"From","value":"Novashop <{sender}>"}},{{"name":"To","value":"%s"}},'
        '{"name":"Subject","value":"%s"},{"name":"MIME-Version","value":"1.0"},'
        '{"name":"Content-Type","value":"multipart/alternative; boundary=\\"----=_Part_118_7729\\""}],'
        f'"commonHeaders":{{"from":["Novashop <{sender}>"],"to":["%s"],"messageId":"{_ID}","subject":"%s"}},'
        f'"tags":{{"ses:operation":["SendEmail"],"ses:configuration-set":["{configuration_set}"],"ses:source-ip":["203.0.113.25"],'
        f'"ses:from-domain":["{sender.split("@")[1]}"],"ses:caller-identity":["novashop-mailer"],"campaign":["{_CAMPAIGNS[use_case]}"],'
        f'"use_case":["{name}"],"customerId":["C%09d"]}}}}'
    )


_REMOTE: Final = "192.0.2.%d"
_ENGAGEMENT: Final = '"ipAddress":"%s","timestamp":"%s","userAgent":"%s","isBotEvent":"%s"'
# What follows `mail`, by kind; the columns stand in `_details`.
_DETAILS: Final = (
    '"send":{}',
    '"reject":{"reason":"Bad content"}',
    '"failure":{"errorMessage":"Attribute \'first_name\' is not present in the rendering data.","templateName":"order_confirmation_v3"}',
    '"deliveryDelay":{"timestamp":"%s","delayType":"TransientCommunicationFailure","expirationTime":"%s","delayedRecipients":'
    '[{"emailAddress":"%s","status":"4.4.1","diagnosticCode":"smtp; 421 4.4.1 Unable to connect to remote host"}]}',
    '"delivery":{"timestamp":"%s","processingTimeMillis":%d,"recipients":["%s"],"smtpResponse":"250 2.0.0 OK %d - gsmtp",'
    f'"reportingMTA":"a4-15.smtp-out.{REGION}.amazonses.com","remoteMtaIp":"{_REMOTE}"}}',
    '"bounce":{%s"bouncedRecipients":[{"emailAddress":"%s",%s}],"timestamp":"%s","feedbackId":"' + _ID + '",'
    f'"reportingMTA":"dns; a4-15.smtp-out.{REGION}.amazonses.com"}}',
    '"complaint":{"complainedRecipients":[{"emailAddress":"%s"}],"timestamp":"%s","feedbackId":"' + _ID + '",'
    '"userAgent":"FeedbackLoop/1.0","complaintFeedbackType":"abuse","arrivalDate":"%s"}',
    '"open":{' + _ENGAGEMENT + "}",
    '"click":{' + _ENGAGEMENT + ',"link":"%sC%09d","linkTags":{"block":["hero"]}}',
    '"subscription":{"contactList":"newsletter","timestamp":"%s","source":"UnsubscribeHeader","newTopicPreferences":{"unsubscribeAll":true,'
    '"topicSubscriptionStatus":[{"topicName":"offers","subscriptionStatus":"OptOut"}]},"oldTopicPreferences":{"unsubscribeAll":false,'
    '"topicSubscriptionStatus":[{"topicName":"offers","subscriptionStatus":"OptIn"}]}}',
)
_FORM: Final = {DELAY: "short", RENDERING_FAILURE: "short", OPEN: "engagement", CLICK: "engagement"}
_FORMATS: Final = tuple(
    tuple(f'{{"eventType":"{word}",{_mail(use_case, _FORM.get(kind, "full"))},{_DETAILS[kind]}}}' for use_case in range(len(USE_CASES)))
    for kind, word in enumerate(WORDS)
)
_BOUNCES: Final = words([f'"bounceType":"{kind}","bounceSubType":"{sub}",' for kind, sub in (
    ("Permanent", "General"), ("Permanent", "OnAccountSuppressionList"), ("Transient", "MailboxFull"),
)])  # fmt: skip
_DIAGNOSES: Final = (
    '"action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 <%s>: Recipient address rejected: User unknown"',
    '"action":"failed","status":"5.1.1","diagnosticCode":"Amazon SES did not send the message to %s because it is on the suppression list"',
    '"action":"failed","status":"4.2.2","diagnosticCode":"smtp; 452 4.2.2 The mailbox of %s is over quota"',
)


def ses_feed(world: World, day: int, shard: int) -> Feed:
    """The events of the e-mails sent on that day."""
    plan = plan_mail(world, day, shard)
    return Feed(plan.event_arrivals, lambda records: _render(plan, records), lambda truth: count_mail(truth, plan))


def _render(plan: MailPlan, records: Ints) -> list[str]:
    texts = np.empty(len(records), dtype=object)
    kinds = plan.event_kind[records]
    for kind in np.unique(kinds).tolist():
        here = kinds == kind
        chosen = records[here]
        formats = _FORMATS[kind]
        rows = zip(*_mail_columns(plan, chosen, short=_FORM.get(kind) == "short"), *_details(plan, chosen, kind), strict=True)
        use_cases = plan.use_case[plan.event_message[chosen]].tolist()
        texts[here] = [formats[use_case] % row for use_case, row in zip(use_cases, rows, strict=True)]
    return texts.tolist()


def _mail_columns(plan: MailPlan, chosen: Ints, short: bool) -> list[list[int] | list[str]]:
    message = plan.event_message[chosen]
    identity: list[list[int] | list[str]] = [column.tolist() for column in (plan.sent[message], *uuid_fields(plan.ids[message]))]
    first = _addresses(plan.people[0][message])
    destination, to = [f'"{address}"' for address in first], first
    several = np.flatnonzero(plan.recipients[message] > 1).tolist()
    for row in several:
        people = plan.people[: plan.recipients[message[row]], message[row]]
        addresses = _addresses(people)
        destination[row], to[row] = ",".join(f'"{address}"' for address in addresses), ", ".join(addresses)
    head = [iso_times(plan.sent[message]), *identity, destination]
    if short:
        return head
    given, _ = name_of(plan.people[0][message])
    shapes = _SUBJECTS[plan.use_case[message]].tolist()
    subjects = [shape % name for shape, name in zip(shapes, GIVEN[given].tolist(), strict=True)]
    return [*head, to, subjects, to, *identity, subjects, plan.people[0][message].tolist()]


def _addresses(person: Ints) -> list[str]:
    return list(map(EMAIL.__mod__, zip(*email_of(person), strict=True)))


def _details(plan: MailPlan, chosen: Ints, kind: int) -> list[list[int] | list[str]]:
    message, slot, at, detail = plan.event_message[chosen], plan.event_slot[chosen], plan.event_at[chosen], plan.event_detail[chosen]
    person = plan.people[slot, message]
    when = iso_times(at)
    if kind in (OPEN, CLICK):
        return _engagement(plan, chosen, person, when, kind)
    if kind == SUBSCRIPTION:
        return [when]
    if kind not in (DELAY, DELIVERY, BOUNCE, COMPLAINT):
        return []
    address = _addresses(person)
    feedback_id: list[list[int] | list[str]] = [column.tolist() for column in (at, *uuid_fields(plan.ids[message] ^ (1 << 8) ^ slot))]
    if kind == DELAY:
        return [when, iso_times(at + 50_000_000), address]
    if kind == DELIVERY:
        return [when, (at - plan.sent[message]).tolist(), address, (at // 1000).tolist(), scatter(person, 91, 254).tolist()]
    if kind == BOUNCE:
        diagnoses = [_DIAGNOSES[d] % a for d, a in zip(detail.tolist(), address, strict=True)]
        return [_BOUNCES[detail].tolist(), address, diagnoses, when, *feedback_id]
    return [address, when, *feedback_id, when]


def _engagement(plan: MailPlan, chosen: Ints, person: Ints, when: list[str], kind: int) -> list[list[int] | list[str]]:
    bot = plan.event_bot[chosen]
    own: Words = _PEOPLE_AGENTS[scatter(person, 92, len(_PEOPLE_AGENTS))]
    agents = np.where(bot, _SCANNER_AGENTS[scatter(person, 93, len(_SCANNER_AGENTS))], own).tolist()
    places = [f"203.0.113.{n % 250}" if b else f"198.{18 + n % 2}.{n // 2 % 256}.{n // 512 % 256}"
              for b, n in zip(bot.tolist(), scatter(person, 94, 1 << 17).tolist(), strict=True)]  # fmt: skip
    columns: list[list[int] | list[str]] = [places, when, agents, np.where(bot, "Likely", "Unlikely").tolist()]
    if kind == CLICK:
        links = np.stack(_LINKS)[plan.use_case[plan.event_message[chosen]], plan.event_detail[chosen] % LINKS].tolist()
        columns += [links, person.tolist()]
    return columns
