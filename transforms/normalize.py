"""A raw record becomes canonical rows: every record leaves as rows, all of them, or raises Rejected with a reason.

The way of a record: route to the templates that match, evaluate, check types and bounds, redact by column class, then
key the row. Raw identifiers live only between evaluation and redaction, inside one call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson

from engagedb.errors import Reason, Rejected
from transforms import phone
from transforms.bounds import KNOWN_WORDS, coercion
from transforms.canonical import EVENTS, MAP, NOTICES, Column, Privacy
from transforms.compile import CompiledTemplate, EvaluatedRow, arrival_names
from transforms.filters import domain_of
from transforms.identify import Identifiers
from transforms.leaves import DEAF, Leaf, Listens
from transforms.operators import as_text
from transforms.originator import originator_type
from transforms.policy import Treatment
from transforms.pseudonyms import PersonKind, Pseudonymiser, person_kind
from transforms.reads import WHOLE
from transforms.record import RawRecord
from transforms.route import compile_route
from transforms.scrub import ID, LINK, MACHINE, TEXT, Scrubber
from transforms.vocabulary import Channel, Direction
from transforms.written import written_json

RAW_EVENT_BYTES: Final = 64 * 1024
DELIVERY_IDS: Final = "$delivery_ids"  # no provider's key: what the envelopes called themselves
_RECIPIENTS_REMEMBERED: Final = 16_384
_PROVIDERS: Final = {Channel.EMAIL: "ses", Channel.WHATSAPP: "meta"}
_END_USER_MESSAGING: Final = "eum"
_NONE: Final[Mapping[str, Scrubber]] = {}


@dataclass(frozen=True, slots=True)
class Options:
    """What the settings say about records, whatever their source."""

    place_of: Callable[[str], tuple[str | None, str | None]] = lambda source_object: (None, None)  # account and region by landing object
    customer_id_keys: tuple[str, ...] = ("customerId",)
    feedback_expected: bool = False
    raw_event: bool = False


@dataclass(frozen=True, slots=True)
class Row:
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


class _Recipient(NamedTuple):
    """What may be known of a recipient."""

    id: str
    domain: str | None = None
    number_range: str | None = None
    country: str | None = None


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
        self._routes = [_Route(template, own_scrubbers.get(template.template.source, scrubber)) for template in templates]
        self._route = compile_route(templates)
        self._scrubber = scrubber
        self._pseudonymiser = pseudonymiser
        self._options = options
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
            if any(values[route.time_position] is None for values, *_ in rows):
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
        raw: dict[str, Any] = {}
        misfits: dict[str, Any] = {}  # values of a type that their column does not take: kept beside the attributes
        for (name, coerce), value in zip(route.columns, values, strict=True):
            if value is None:
                continue
            if coerce is as_text and type(value) is str:
                raw[name] = value
            elif (fitting := coerce(value)) is not None:
                raw[name] = fitting
            else:
                misfits[f"misfit.{name}"] = value
        spec = route.template.template
        if identity[0] is None:  # without the provider's id only the whole payload tells two records apart
            identity = (payload, position)
        event_id = self._pseudonymiser.event_id(spec.source, identity)
        arrival = record.arrival
        account_id, region = self._place_of(record.place.source_object)
        raw.setdefault("account_id", arrival.account_id or account_id)
        raw.setdefault("region", arrival.region or region)
        row: dict[str, Any] = {
            "received_at": arrival.received_at,
            "ingested_at": ingested_at,
            "source": spec.source,
            "template_version": spec.version,
            "source_object": self._scrubber.name(record.place.source_object),
            "source_offset": record.place.offset,
        }
        if spec.kind == "event":
            row["event_id"] = event_id
            self._add_people(raw, row, has_message)
        else:
            row["notice_id"] = event_id
        is_named = identifiers.stand_in(self._strings(route, raw, leaves))
        string = route.scrubber.string
        for name, value in raw.items():
            if value is None:
                continue
            if (treated := route.treated.get(name)) is not None:
                treatment, words = treated
                row[name] = value if value in words else string(value, treatment, identifiers, is_named=is_named)
            elif type(value) is dict:
                kept = {key: member for key, member in value.items() if key not in self._options.customer_id_keys}
                row[name] = route.scrubber.map(kept, identifiers, is_named=is_named) or None
            else:
                row[name] = value
        attributes = route.scrubber.attributes(leaves, identifiers, is_named=is_named)
        if misfits:
            attributes |= route.scrubber.map(misfits, identifiers)
        row["attributes"] = attributes or None
        for name in route.scrubber.dropped_columns:
            row.pop(name, None)
        return Row(spec.kind, row, time_is_stated=row[route.time_column] == arrival.stated_at)

    def _add_people(self, raw: dict[str, Any], row: dict[str, Any], has_message: bool) -> None:
        """Move the person's raw identifiers out of `raw` and leave in `row` what may be known of them."""
        recipient, channel, message_id = raw.pop("recipient_id", None), raw.get("channel"), raw.get("message_id")
        by_recipient = channel == Channel.EMAIL
        if has_message and message_id and (recipient or not by_recipient):
            provider = _PROVIDERS.get(channel, _END_USER_MESSAGING) if channel else _END_USER_MESSAGING
            row["message_key"] = self._pseudonymiser.message_key(provider, message_id, recipient if by_recipient else None)
        if recipient:
            known = self._recipient(recipient)
            row["recipient_id"] = known.id
            if known.domain is not None:
                row["recipient_domain"] = known.domain
            if known.number_range is not None:
                row["number_range"] = known.number_range
            raw.setdefault("recipient_country", known.country)
        customer = raw.pop("customer_id", None) or self._customer(raw.get("tags"))
        if customer:
            row["customer_id"] = self._pseudonymiser.person(customer, PersonKind.CUSTOMER)
        raw.setdefault("direction", Direction.OUTBOUND)
        raw.setdefault("originator_type", originator_type(raw.get("originator"), channel))
        if self._options.feedback_expected and channel in (Channel.SMS, Channel.MMS) and raw["direction"] == Direction.OUTBOUND:
            raw.setdefault("feedback_expected", True)
        if (link := raw.get("link")) is not None:
            row["link_domain"] = self._scrubber.link_domain(link)

    def _known_recipient(self, recipient: str) -> _Recipient:
        kind = person_kind(recipient)
        person = self._pseudonymiser.person(recipient, kind)
        if kind is PersonKind.EMAIL:
            return _Recipient(person, domain=domain_of(recipient))
        if kind is PersonKind.PHONE and (number := phone.e164(recipient)):
            described = phone.describe(number)
            return _Recipient(person, number_range=described.number_range, country=described.country)
        return _Recipient(person)

    def _customer(self, tags: dict[str, Any] | None) -> str | None:
        """The sender's own id of the person, taken out of the tags so that it stands nowhere in clear."""
        for key in self._options.customer_id_keys if tags else ():
            value = tags.get(key) if tags else None
            if isinstance(value, list):
                value = value[0] if value else None
            if value is not None and str(value).strip():
                return str(value)
        return None

    def _strings(self, route: _Route, raw: Mapping[str, Any], leaves: Iterable[Leaf]) -> list[str]:
        """Every string that the row may hold as it is; not those that become a pseudonym or are masked as a whole."""
        treated = route.treated
        strings = [value for name, value in raw.items() if value is not None and name in treated]
        strings += [value for place, value in leaves if type(value) is str and place.is_remembered]
        for name in route.maps:
            if (mapping := raw.get(name)) is not None:
                strings += route.scrubber.remembered_strings(mapping)
        return strings


class _Route:
    """A template with what is the same for all of its rows."""

    def __init__(self, template: CompiledTemplate, scrubber: Scrubber) -> None:
        table = template.template.table
        self.template = template
        self.scrubber = scrubber
        self.columns: list[tuple[str, Callable[[Any], Any]]] = [(name, coercion(table.column(name))) for name in template.columns]
        self.treated = {  # and the words that stay as they are
            column.name: (found, KNOWN_WORDS.get(column.name, frozenset()))
            for column in table.columns
            if (found := _treatment(column)) is not None
        }
        self.maps = [column.name for column in table.columns if column.type == MAP and column.name in template.columns]
        self.time_column = "event_time" if table is EVENTS else "notice_time"
        self.leaves = scrubber.leaves(template.reads | {(*path, WHOLE) for path in template.template.drop})
        self.time_position = template.columns.index(self.time_column)
        assert table in (EVENTS, NOTICES)


def _raw_event(scrubber: Scrubber, payload: dict[str, Any], identifiers: Identifiers, delivery_ids: Sequence[str]) -> str | None:
    clean = scrubber.payload(payload, identifiers)
    if delivery_ids:
        clean[DELIVERY_IDS] = [scrubber.message_id(name, identifiers) for name in delivery_ids]
    whole = written_json(clean)
    return whole if len(whole.encode()) <= RAW_EVENT_BYTES else None


_TREATMENTS: Final = {Privacy.PUBLIC: MACHINE, Privacy.MACHINE: MACHINE, Privacy.MESSAGE_ID: ID, Privacy.LINK: LINK}


def _treatment(column: Column) -> Treatment | None:
    """What is done to the column's strings; None for those that cannot be personal, and for maps.

    The company's own number may be its customer's too; no other name may be. A closed vocabulary that the provider fills
    is text where it holds a new word.
    """
    if column.privacy is Privacy.PLAIN:
        return TEXT if column.name in KNOWN_WORDS else None
    if column.name == "originator" or column.privacy is Privacy.MAP:
        return None
    return _TREATMENTS.get(column.privacy, TEXT)


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
