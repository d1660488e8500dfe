"""What each stage of a record's way takes, in CPU time of one core, on the mixed events of all sources."""

from __future__ import annotations

import base64
import gc
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from engagedb.settings import Settings
from ingest.batch import Portion, PortionBuilder
from ingest.columns import TableBuilder
from ingest.firehose import transform
from ingest.reading import records
from ingest.sources import list_objects, open_object
from ingest.transformer import Transformer
from tests.benchmark.figures import Figure, cpu_seconds, rate
from transforms.canonical import EVENTS
from transforms.identify import Collector, Identifiers
from transforms.leaves import Leaf
from transforms.memory import Memory
from transforms.normalize import Normalizer, Row
from transforms.policy import Operator, Treatment, shipped_policy
from transforms.pseudonyms import Pseudonymiser, derive_first
from transforms.record import Opened, RawRecord
from transforms.scrub import Scrubber
from transforms.written import written

KEYRING: Final = derive_first(b"b" * 32)
NOW: Final = datetime(2026, 1, 8, tzinfo=UTC)
LIMIT: Final = 1 << 24
REQUEST: Final = 500


class _AsItIs(Memory):
    def __missing__(self, value: str) -> str:
        return value


class Unredacted(Scrubber):
    """Lets every string pass: what redaction costs is told by its absence. Only here, for it must never exist in the program."""

    def collector(self) -> Collector:
        collector = Collector(self._policy)
        collector.string = collector.key = collector.number = lambda *_: None  # type: ignore[method-assign,assignment]
        return collector

    def memory(self, operator: Operator) -> Memory:
        return _AsItIs(lambda value: value)

    def string(self, value: str, treatment: Treatment, identifiers: Identifiers, *, is_named: bool) -> str:
        return value

    def attributes(self, leaves: Iterable[Leaf], identifiers: Identifiers, *, is_named: bool = True) -> dict[str, str]:
        return {place.path or ".".join(place.keys): written(value) for place, value in leaves}


def read(landing: str) -> list[Opened]:
    """Every record of the landing folder."""
    found: list[Opened] = []
    for landing_object in list_objects([landing]):
        with open_object(landing_object) as stream:
            found += records(stream, landing_object.name, LIMIT)
    return found


def stages(landing: str) -> Iterator[Figure]:
    """A figure for each stage; the transform with empty memories first, for that is how an ingest begins."""
    opened = read(landing)
    count = len(opened)
    raw = [record for record in opened if isinstance(record, RawRecord)]
    gc.freeze()
    yield Figure("read", rate(count, cpu_seconds(lambda: read(landing))), "decompressed, decoded, envelopes off")
    transformer = Transformer(Settings(), KEYRING)
    yield Figure("evaluate", rate(count, cpu_seconds(lambda: _evaluated(transformer.normalizer, raw))), "routing and compiled templates")
    plain = cpu_seconds(lambda: _rows(_unredacted(), raw), 2)
    yield Figure("transform, nothing redacted", rate(count, plain), "evaluated, keyed, pseudonyms; only measured, no option of the program")
    options = Settings(), Settings(raw_event=True)
    turns = [[cpu_seconds(partial(_transformed_cold, raw, option), 1) for option in options] for _ in range(3)]
    cold, whole = map(min, zip(*turns, strict=True))
    yield Figure("transform", rate(count, cold), f"full redaction, empty memories; {cold / plain:.2f} times the line above", cold / plain)
    warm = cpu_seconds(lambda: _rows(transformer.normalizer, raw))
    yield Figure("transform again", rate(count, warm), "the same records, memories filled")
    yield Figure("transform with raw_event", rate(count, whole), f"{whole / cold:.2f} times the transform without, by turns", whole / cold)
    rows = [row for record in raw for row in _or_refused(transformer.normalizer.rows, record, NOW) or ()]
    yield Figure("rows to Arrow", rate(count, cpu_seconds(lambda: _tables(rows))))
    both = cpu_seconds(lambda: transformed(read(landing)), 2)
    yield Figure("landing object to Arrow", rate(count, both), "all of the above in one, empty memories")
    yield Figure("Firehose, 500 records", f"{_firehose(transformer, raw):.0f} ms", "median of nine requests after a first one; clock")


def by_source(landing: str) -> Iterator[Figure]:
    """The transform for each source alone, memories filled by itself only."""
    raw = [record for record in read(landing) if isinstance(record, RawRecord)]
    normalizer = Transformer(Settings(), KEYRING).normalizer
    grouped: dict[str, list[RawRecord]] = {}
    for record in raw:
        try:
            source = normalizer.rows(record, NOW)[0].values["source"]
        except Exception:
            source = "refused"
        grouped.setdefault(source, []).append(record)
    for source, members in sorted(grouped.items()):
        seconds = cpu_seconds(lambda members=members: _rows(Transformer(Settings(), KEYRING).normalizer, members), 1)  # type: ignore[misc]
        yield Figure(source, rate(len(members), seconds), f"{len(members):,} records, start of the templates included")


def _transformed_cold(raw: Sequence[RawRecord], settings: Settings) -> None:
    _rows(Transformer(settings, KEYRING).normalizer, raw)


def _evaluated(normalizer: Normalizer, raw: Sequence[RawRecord]) -> None:
    for record in raw:
        _or_refused(normalizer.evaluated, record)


def _rows(normalizer: Normalizer, raw: Sequence[RawRecord]) -> None:
    for record in raw:
        _or_refused(normalizer.rows, record, NOW)


def _or_refused(work: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return work(*arguments)
    except Exception:
        return None


def _unredacted() -> Normalizer:
    transformer = Transformer(Settings(), KEYRING)
    scrubber = Unredacted(Pseudonymiser(KEYRING), shipped_policy())
    templates = [route.template for route in transformer.normalizer._routes]
    return Normalizer(templates, scrubber, Pseudonymiser(KEYRING), transformer._options)


def _tables(rows: Sequence[Row]) -> None:
    builder = TableBuilder(EVENTS)
    for row in rows:
        if row.kind == "event":
            builder.add(row.cells)
    builder.finish()


def transformed(opened: Iterable[Opened]) -> Portion:
    """The records as Arrow tables, by a transformer that has seen none before."""
    transformer, builder = Transformer(Settings(), KEYRING), PortionBuilder()
    for record in opened:
        transformer.put(record, builder, NOW)
    return builder.finish()


def _firehose(transformer: Transformer, raw: Sequence[RawRecord]) -> float:
    chosen = raw[:: max(1, len(raw) // REQUEST)][:REQUEST]
    event = {
        "invocationId": "one",
        "deliveryStreamArn": "arn:aws:firehose:us-east-1:123456789012:deliverystream/engagement",
        "records": [
            {"recordId": str(number), "approximateArrivalTimestamp": 1767830400000, "data": base64.b64encode(record.outermost).decode()}
            for number, record in enumerate(chosen)
        ],
    }

    def answer() -> float:
        began = time.perf_counter()
        transform(event, transformer.normalizer, ingested_at=NOW, max_record_bytes=LIMIT)
        return (time.perf_counter() - began) * 1000

    answer()
    return statistics.median(answer() for _ in range(9))
