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
from transforms.canonical import EVENTS, NOTICES
from transforms.compile import CompiledTemplate, EvaluatedRow, arrival_names
from transforms.fill import Fill, compile_fill
from transforms.identify import Identifiers
from transforms.leaves import DEAF, Listens
from transforms.people import People
from transforms.pseudonyms import Pseudonymiser
from transforms.reads import WHOLE
from transforms.record import Arrival, RawRecord
from transforms.route import compile_route
from transforms.scrub import ID, Scrubber
from transforms.written import written_json

RAW_EVENT_BYTES: Final = 64 * 1024
DELIVERY_IDS: Final = "$delivery_ids"  # no provider's key: what the envelopes called themselves
_NAMES: Final = {"event": EVENTS.names, "notice": NOTICES.names}
_NONE: Final[Mapping[str, Scrubber]] = {}


@dataclass(frozen=True, slots=True)
class Options:
    """What the settings say about records, whatever their source."""

    place_of: Callable[[str], tuple[str | None, str | None]] = lambda source_object: (None, None)  # account and region by landing object
    customer_id_keys: tuple[str, ...] = ("customerId",)
    feedback_expected: bool = False
    raw_event: bool = False


class Row(NamedTuple):
    """One canonical row: `kind` is event or notice, `cells` are in the order of the table's columns.

    `time_is_stated` when its time is the one that an envelope stated: redelivered, the same event may state another.
    """

    kind: str
    cells: tuple[Any, ...]
    time_is_stated: bool = False

    @property
    def id(self) -> str:
        """The event id or notice id."""
        identity: str = self.cells[0]
        return identity

    @property
    def values(self) -> dict[str, Any]:
        """What is not null, by column."""
        return {name: cell for name, cell in zip(_NAMES[self.kind], self.cells, strict=True) if cell is not None}


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
        people = People(pseudonymiser, options.customer_id_keys, feedback_expected=options.feedback_expected)
        self._route = compile_route(templates)
        self._routes = [_Route(template, own_scrubbers.get(template.template.source, scrubber), people, options) for template in templates]
        self._place_of = lru_cache(256)(options.place_of)
        self._last_arrival = (Arrival(), arrival_names(Arrival()))

    def rows(self, record: RawRecord, ingested_at: datetime) -> list[Row]:
        """The rows of a record, at least one. Raises Rejected; nothing personal stands in its message."""
        known: dict[tuple[int, int], Identifiers] = {}
        rows: list[Row] = []
        for route, payload, evaluated in self._evaluated(record):
            try:
                self._fill(rows, route, payload, evaluated, known, record, ingested_at)
            except Rejected as refusal:
                raise Rejected(refusal.reason, refusal.detail, source=route.source, template_version=route.version) from None
        return rows

    def evaluated(self, record: RawRecord) -> list[tuple[CompiledTemplate, list[EvaluatedRow]]]:
        """What each matching template gives, raw, before redaction: for trying templates, never for storing."""
        return [(route.template, rows) for route, _, rows in self._evaluated(record)]

    def _evaluated(self, record: RawRecord) -> list[tuple[_Route, dict[str, Any], list[EvaluatedRow]]]:
        arrival, names = self._last_arrival
        if record.arrival is not arrival:  # records without an envelope share one
            arrival, names = self._last_arrival = record.arrival, arrival_names(record.arrival)
        parsed: dict[str, dict[str, Any]] = {}
        given = []
        route = None
        for place in self._route(record.payload, names):
            route = self._routes[place]
            payload = record.payload
            if route.parse:
                if route.parsed_as not in parsed:
                    parsed[route.parsed_as] = _parsed(payload, route.parse, route.source, route.version)
                payload = parsed[route.parsed_as]
            if not (rows := route.template.evaluate(payload, names)):
                continue
            for row in rows:
                if row[0][route.time_position] is None:
                    detail = f"column {route.time_column}: the record and its envelopes state no time"
                    raise Rejected(Reason.BAD_TIMESTAMP, detail, source=route.source, template_version=route.version)
            given.append((route, payload, rows))
        if not given:
            what = f"the template {route.source} matched but gave no row" if route is not None else "no template matches"
            raise Rejected(Reason.UNKNOWN_SOURCE, what, source=None if route is None else route.source)
        return given

    def _fill(
        self,
        rows: list[Row],
        route: _Route,
        payload: dict[str, Any],
        evaluated: list[EvaluatedRow],
        known: dict[tuple[int, int], Identifiers],
        record: RawRecord,
        ingested_at: datetime,
    ) -> None:
        """Add the rows of one template; `known` are the people of each payload, as each policy finds them."""
        scrubber, source, arrival, (source_object, offset, _) = route.scrubber, route.source, record.arrival, record.place
        identifiers = known.get((id(payload), id(scrubber)))
        people: Listens = DEAF
        if identifiers is None:
            people = scrubber.collector()
            identifiers = known[id(payload), id(scrubber)] = people.found
        account_id, region = self._place_of(source_object)
        account_id, region = arrival.account_id or account_id, arrival.region or region
        object_name = self._scrubber.name(source_object)
        raw_event = None
        for position, (values, identity, has_message, loops) in enumerate(evaluated):
            if self._options.raw_event and position == 0:  # the same for all, and costly
                leaves, clean = scrubber.leaves_and_payload(route.leaves, payload, loops, people, identifiers)
                raw_event = _raw_event(scrubber, clean, identifiers, arrival.delivery_ids)
            else:
                leaves = route.leaves.of(payload, loops, people)
            people = DEAF
            if identity[0] is None:  # without the provider's id only the whole payload tells two records apart
                identity = (payload, position)
            cells = route.fill(
                values, leaves, identifiers, has_message, self._pseudonymiser.event_id(source, identity),
                arrival.received_at, ingested_at, object_name, offset, account_id, region, raw_event,
            )  # fmt: skip
            rows.append(Row(route.kind, cells, arrival.stated_at is not None and cells[route.time_place] == arrival.stated_at))


class _Route:
    """A template with what is the same for all of its rows."""

    def __init__(self, template: CompiledTemplate, scrubber: Scrubber, people: People, options: Options) -> None:
        spec = template.template
        self.template = template
        self.scrubber = scrubber
        self._people = people
        self.kind, self.source, self.version, self.parse = spec.kind, spec.source, spec.version, spec.parse
        self.parsed_as = repr(spec.parse)  # templates that parse the same share the payload: told by a text, whose hash is kept
        self.time_column = f"{spec.kind}_time"
        self.leaves = scrubber.leaves(template.reads | {(*path, WHOLE) for path in spec.drop}, is_whole=options.raw_event)
        self.time_position = template.columns.index(self.time_column)  # among the template's columns
        self.time_place = spec.table.names.index(self.time_column)  # among the table's

    @cached_property
    def fill(self) -> Fill:
        """What gives the template's rows; compiled for the first of them, as most deliveries meet few of the templates."""
        return compile_fill(self.source, self.version, self.template.template.table, self.template.columns, self.scrubber, self._people)


def _raw_event(scrubber: Scrubber, clean: dict[str, Any], identifiers: Identifiers, delivery_ids: Sequence[str]) -> str | None:
    if delivery_ids:
        is_named = identifiers.stand_in(delivery_ids)
        clean[DELIVERY_IDS] = [scrubber.string(name, ID, identifiers, is_named=is_named) for name in delivery_ids]
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
