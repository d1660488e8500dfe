"""A raw record becomes canonical rows: every record leaves as rows, all of them, or raises Rejected with a reason.

The way of a record: route to the templates that match, evaluate, check types and bounds, redact by column class, then
key the row. Raw identifiers live only between evaluation and redaction, inside one call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, Final, NamedTuple

import orjson

from engagedb.errors import Reason, Rejected
from transforms import phone
from transforms.compile import CompiledTemplate, EvaluatedRow, arrival_names
from transforms.fill import AddPeople, Fill, compile_fill
from transforms.filters import domain_of
from transforms.identify import Identifiers
from transforms.leaves import DEAF, Leaf, Listens
from transforms.originator import originator_type
from transforms.pseudonyms import PersonKind, Pseudonymiser, person_kind
from transforms.reads import WHOLE
from transforms.record import RawRecord
from transforms.route import compile_route
from transforms.scrub import ID, Scrubber
from transforms.vocabulary import Channel, Direction
from transforms.written import written_json

RAW_EVENT_BYTES: Final = 64 * 1024
DELIVERY_IDS: Final = "$delivery_ids"  # no provider's key: what the envelopes called themselves
_RECIPIENTS_REMEMBERED: Final = 16_384
_PROVIDERS: Final[dict[str, str]] = {Channel.EMAIL: "ses", Channel.WHATSAPP: "meta"}
_END_USER_MESSAGING: Final = "eum"
_NONE: Final[Mapping[str, Scrubber]] = {}


@dataclass(frozen=True, slots=True)
class Options:
    """What the settings say about records, whatever their source."""

    place_of: Callable[[str], tuple[str | None, str | None]] = lambda source_object: (None, None)  # account and region by landing object
    customer_id_keys: tuple[str, ...] = ("customerId",)
    feedback_expected: bool = False
    raw_event: bool = False


class Row(NamedTuple):
    """One canonical row: `kind` is event or notice; columns that are absent are null.

    `time_is_stated` when its time is the one that an envelope stated: redelivered, the same event may state another.
    """

    kind: str
    values: dict[str, Any]
    time_is_stated: bool = False

    @property
    def id(self) -> str:
        """The event id or notice id."""
        identity: str = self.values[f"{self.kind}_id"]
        return identity


class Normalizer:
    """Turns records into rows with one set of templates and one keyring."""

    def __init__(
        self,
        templates: Sequence[CompiledTemplate],
        scrubber: Scrubber,
        pseudonymiser: Pseudonymiser,
        options: Options,
        own_scrubbers: Mapping[str, Scrubber] = _NONE,
    ) -> None:
        """`own_scrubbers` are those of sources that have a policy of their own."""
        self._scrubber = scrubber
        self._pseudonymiser = pseudonymiser
        self._options = options
        self._route = compile_route(templates)
        self._routes = [
            _Route(template, own_scrubbers.get(template.template.source, scrubber), self._add_people, options.customer_id_keys)
            for template in templates
        ]
        self._place_of = lru_cache(256)(options.place_of)
        self._recipient = lru_cache(_RECIPIENTS_REMEMBERED)(self._known_recipient)

    def rows(self, record: RawRecord, ingested_at: datetime) -> list[Row]:
        """The rows of a record, at least one. Raises Rejected; nothing personal stands in its message."""
        known: dict[tuple[int, int], Identifiers] = {}
        rows: list[Row] = []
        for route, payload, evaluated in self._evaluated(record):
            identifiers = known.get((id(payload), id(route.scrubber)))
            people: Listens = DEAF
            if identifiers is None:
                people = route.scrubber.collector()
                identifiers = known[id(payload), id(route.scrubber)] = people.found
            try:
                made = []
                for position, values in enumerate(evaluated):
                    leaves = route.leaves.of(payload, values[3], people)
                    made.append(self._row(route, values, position, payload, leaves, identifiers, record, ingested_at))
                    people = DEAF
                if self._options.raw_event:  # the same for all, and costly
                    whole = _raw_event(route.scrubber, payload, identifiers, record.arrival.delivery_ids)
                    for row in made:
                        row.values["raw_event"] = whole
            except Rejected as refusal:
                spec = route.template.template
                raise Rejected(refusal.reason, refusal.detail, source=spec.source, template_version=spec.version) from None
            rows += made
        return rows

    def evaluated(self, record: RawRecord) -> list[tuple[CompiledTemplate, list[EvaluatedRow]]]:
        """What each matching template gives, raw, before redaction: for trying templates, never for storing."""
        return [(route.template, rows) for route, _, rows in self._evaluated(record)]

    def _evaluated(self, record: RawRecord) -> list[tuple[_Route, dict[str, Any], list[EvaluatedRow]]]:
        arrival = arrival_names(record.arrival)
        payloads: dict[tuple[tuple[str, ...], ...], dict[str, Any]] = {(): record.payload}
        given = []
        matched = None
        for place in self._route(record.payload, arrival):
            route = self._routes[place]
            matched = route.template.template.source
            spec = route.template.template
            if spec.parse not in payloads:
                payloads[spec.parse] = _parsed(record.payload, spec.parse, spec.source, spec.version)
            payload = payloads[spec.parse]
            rows = route.template.evaluate(payload, arrival)
            for values, *_ in rows:
                if values[route.time_position] is None:
                    detail = f"column {route.time_column}: the record and its envelopes state no time"
                    raise Rejected(Reason.BAD_TIMESTAMP, detail, source=spec.source, template_version=spec.version)
            if rows:
                given.append((route, payload, rows))
        if not given:
            what = f"the template {matched} matched but gave no row" if matched else "no template matches"
            raise Rejected(Reason.UNKNOWN_SOURCE, what, source=matched)
        return given

    def _row(
        self,
        route: _Route,
        evaluated: EvaluatedRow,
        position: int,
        payload: dict[str, Any],
        leaves: Sequence[Leaf],
        identifiers: Identifiers,
        record: RawRecord,
        ingested_at: datetime,
    ) -> Row:
        values, identity, has_message, _ = evaluated
        spec = route.template.template
        arrival = record.arrival
        if identity[0] is None:  # without the provider's id only the whole payload tells two records apart
            identity = (payload, position)
        account_id, region = self._place_of(record.place.source_object)
        row: dict[str, Any] = {
            "received_at": arrival.received_at,
            "ingested_at": ingested_at,
            "source": spec.source,
            "template_version": spec.version,
            "source_object": self._scrubber.name(record.place.source_object),
            "source_offset": record.place.offset,
            route.id_column: self._pseudonymiser.event_id(spec.source, identity),
        }
        misfits: dict[str, Any] = {}  # values of a type that their column does not take: kept beside the attributes
        is_named = route.fill(
            row, values, misfits, leaves, identifiers, arrival.account_id or account_id, arrival.region or region, has_message
        )
        attributes = route.scrubber.attributes(leaves, identifiers, is_named=is_named)
        if misfits:
            attributes |= route.scrubber.map(misfits, identifiers)
        row["attributes"] = attributes or None
        for name in route.scrubber.dropped_columns:
            row.pop(name, None)
        return Row(spec.kind, row, row[route.time_column] == arrival.stated_at)

    def _add_people(
        self,
        row: dict[str, Any],
        has_message: bool,
        recipient: str | None,
        customer: str | None,
        message_id: str | None,
        channel: str | None,
        direction: str | None,
        originator: str | None,
        link: str | None,
        tags: dict[str, Any] | None,
    ) -> None:
        """Put into the row what may be known of its people, and what stands there unless the template says otherwise."""
        by_recipient = channel == "email"
        if has_message and message_id and (recipient or not by_recipient):
            provider = _PROVIDERS.get(channel, _END_USER_MESSAGING) if channel else _END_USER_MESSAGING
            row["message_key"] = self._pseudonymiser.message_key(provider, message_id, recipient if by_recipient else None)
        if recipient:
            row.update(self._recipient(recipient))
        if customer := customer or self._customer(tags):
            row["customer_id"] = self._pseudonymiser.person(customer, PersonKind.CUSTOMER)
        row["direction"] = Direction.OUTBOUND
        row["originator_type"] = originator_type(originator, channel)
        if self._options.feedback_expected and channel in (Channel.SMS, Channel.MMS) and direction in (None, Direction.OUTBOUND):
            row["feedback_expected"] = True
        if link is not None:
            row["link_domain"] = self._scrubber.link_domain(link)

    def _known_recipient(self, recipient: str) -> dict[str, str]:
        """The columns that tell of a recipient what may be known."""
        kind = person_kind(recipient)
        known = {"recipient_id": self._pseudonymiser.person(recipient, kind)}
        if kind is PersonKind.EMAIL:
            if (domain := domain_of(recipient)) is not None:
                known["recipient_domain"] = domain
        elif kind is PersonKind.PHONE and (number := phone.e164(recipient)):
            described = phone.describe(number)
            if described.number_range is not None:
                known["number_range"] = described.number_range
            if described.country is not None:
                known["recipient_country"] = described.country
        return known

    def _customer(self, tags: dict[str, Any] | None) -> str | None:
        """The sender's own id of the person, taken out of the tags so that it stands nowhere in clear."""
        for key in self._options.customer_id_keys if tags else ():
            value = tags.get(key) if tags else None
            if isinstance(value, list):
                value = value[0] if value else None
            if value is not None and str(value).strip():
                return str(value)
        return None


class _Route:
    """A template with what is the same for all of its rows."""

    def __init__(self, template: CompiledTemplate, scrubber: Scrubber, add_people: AddPeople, customer_id_keys: tuple[str, ...]) -> None:
        spec = template.template
        self.template = template
        self.scrubber = scrubber
        self._people = add_people, customer_id_keys
        self.id_column = f"{spec.kind}_id"
        self.time_column = f"{spec.kind}_time"
        self.leaves = scrubber.leaves(template.reads | {(*path, WHOLE) for path in spec.drop})
        self.time_position = template.columns.index(self.time_column)

    @cached_property
    def fill(self) -> Fill:
        """What fills the template's rows; compiled for the first of them, as most deliveries meet few of the templates."""
        return compile_fill(self.template.template.table, self.template.columns, self.scrubber, *self._people)


def _raw_event(scrubber: Scrubber, payload: dict[str, Any], identifiers: Identifiers, delivery_ids: Sequence[str]) -> str | None:
    clean = scrubber.payload(payload, identifiers)
    if delivery_ids:
        clean[DELIVERY_IDS] = [scrubber.string(name, ID, identifiers, is_named=True) for name in delivery_ids]
    whole = written_json(clean)
    return whole if 4 * len(whole) <= RAW_EVENT_BYTES or len(whole.encode()) <= RAW_EVENT_BYTES else None


def _parsed(payload: dict[str, Any], paths: tuple[tuple[str, ...], ...], source: str, version: str) -> dict[str, Any]:
    """The payload with the JSON texts at those paths replaced by what they hold; the payload itself stays as it is."""
    whole = dict(payload)
    for path in paths:
        holder = whole
        for key in path[:-1]:
            inner = holder.get(key)
            if not isinstance(inner, dict):
                break
            holder[key] = dict(inner)
            holder = holder[key]
        else:
            text = holder.get(path[-1])
            if isinstance(text, str):
                try:
                    holder[path[-1]] = orjson.loads(text)
                except orjson.JSONDecodeError:
                    raise Rejected(
                        Reason.NOT_JSON, f"{'.'.join(path)} holds no JSON document", source=source, template_version=version
                    ) from None
    return whole
