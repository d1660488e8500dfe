"""Whole ingests, each in a process of its own: against DuckDB alone, by two processes, by another interpreter, of any size."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import duckdb
import orjson

from engagedb.settings import Settings
from ingest.simulate.simulate import simulate
from lake.catalog import Lake
from tests.benchmark.figures import Figure, cpu_seconds, rate
from tests.benchmark.stages import KEYRING, read
from transforms.record import RawRecord

RUNS: Final = 7
DELIVERY: Final = 100_000
LARGE: Final = 400_000
MORE: Final = (50_000, LARGE, 3_200_000)
BUSY: Final = "for _ in range(30_000_000): pass"
_FORMS: Final[dict[str, dict[str, bool]]] = {"alone": {}, "whole": {"raw_event": True}}
INGEST: Final = """  # in the order of `engagedb ingest --jobs`
import json, sys, time
from collections import defaultdict
from engagedb.process import leave_pandas_out, prepare_process
prepare_process()
if int(sys.argv[2]) > 1:
    from ingest.forks import prepare_forks
    prepare_forks()
leave_pandas_out()
from datetime import UTC, datetime
from engagedb.settings import Settings
from ingest.run import ingest
from lake.catalog import Lake
from tests.benchmark.stages import KEYRING
lake = Lake.open(Settings(lake=sys.argv[1]))
began = time.perf_counter()
before = at = time.process_time()
steps = defaultdict(float)
def checkpoint(point):
    global at
    last, at = at, time.process_time()
    steps[point] += at - last
tally = ingest(
    lake, KEYRING, sys.argv[3:], lake.settings, clock=lambda: datetime.now(UTC), progress=lambda size: lambda done, records: None,
    jobs=int(sys.argv[2]), checkpoint=checkpoint,
)
seconds, cpu = time.perf_counter() - began, time.process_time() - before
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))  # getrusage tells the parent's too
print(json.dumps([tally.records, seconds, cpu, peak / 1000, steps]))
"""
# By hand for what the sources share, without envelopes, redaction, keys or dead letters: a ceiling and not a rival.
CEILING: Final = """
copy (
    select
        coalesce(j->>'messageId', j->>'$.mail.messageId', j->>'$.messageFeedback.messageId', j->>'inboundMessageId') as message_id,
        coalesce(j->>'eventType', j->>'notificationType', j->>'direction', 'webhook') as event_type,
        coalesce(
            make_timestamp(try_cast(j->>'eventTimestamp' as bigint) * 1000), try_cast(j->>'$.mail.timestamp' as timestamp)
        ) as event_time,
        make_timestamp(try_cast(j->>'messageRequestTimestamp' as bigint) * 1000) as requested_at,
        j->>'messageStatus' as provider_status,
        j->>'messageStatusDescription' as status_reason,
        try_cast(j->>'isFinal' as boolean) as is_final,
        coalesce(j->>'destinationPhoneNumber', j->>'$.mail.destination[0]', j->>'destinationAddress') as recipient,
        coalesce(j->>'originationPhoneNumber', j->>'$.mail.source', j->>'sendingAddress') as originator,
        j->>'isoCountryCode' as recipient_country,
        j->>'carrierName' as carrier, j->>'mcc' as mcc, j->>'mnc' as mnc,
        j->>'messageType' as message_type, j->>'messageEncoding' as encoding,
        try_cast(j->>'totalMessageParts' as bigint) as parts,
        try_cast(j->>'totalMessagePrice' as decimal(18, 8)) as message_price_usd,
        try_cast(j->>'totalCarrierFee' as decimal(18, 8)) as carrier_fee_usd,
        coalesce(j->>'configurationSetName', j->>'$.mail.tags."ses:configuration-set"[0]') as configuration_set,
        j->>'$.mail.commonHeaders.subject' as subject,
        coalesce(j->>'$.bounce.bounceType', j->>'$.complaint.complaintFeedbackType') as reason,
        coalesce(j->>'$.click.link', j->>'$.whatsAppWebhookEntry') as link,
        coalesce(j->>'$.open.userAgent', j->>'$.click.userAgent') as user_agent,
        j->'context' as tags, j as attributes
    from read_json('{source}', format = 'newline_delimited', records = false, columns = {{j: 'JSON'}})
) to '{target}' (format parquet, compression zstd)
"""


class Ingested(NamedTuple):
    """Seconds by the clock and of CPU, and peak MB, of the process that commits; CPU seconds to each point of its commits."""

    records: int
    seconds: float
    cpu: float
    peak: float
    steps: dict[str, float]


def against_duckdb(landing: str, place: Path) -> Iterator[Figure]:
    """The ingest of the landing folder beside DuckDB from the same records to Parquet, on one thread."""
    source = place / "records.json"
    payloads = [record.payload for record in read(landing) if isinstance(record, RawRecord)]
    source.write_bytes(b"\n".join(orjson.dumps(payload, default=str) for payload in payloads))
    with duckdb.connect() as connection:
        connection.execute("set threads = 1; set TimeZone = 'UTC'")
        ceiling = cpu_seconds(lambda: connection.execute(CEILING.format(source=source, target=place / "ceiling.parquet")))
    yield Figure("DuckDB, records to Parquet", rate(len(payloads), ceiling), "by hand: no envelopes, redaction, keys, dead letters or fold")
    del payloads
    alone, whole = ([_ingest(place / f"{name}-{run}", landing, **more) for run in range(3)] for name, more in _FORMS.items())
    best = min(alone, key=_cpu)
    note = f"{ceiling / best.cpu:.2f} of DuckDB; peak {best.peak:,.0f} MB"
    yield Figure("landing object to committed tables", rate(best.records, best.cpu), note, ceiling / best.cpu)
    yield _commits(best)
    clock = statistics.median(one.seconds for one in alone)
    yield Figure("the same, by the clock", f"{best.records / clock:,.0f}/s", "median of three")
    with_raw = min(whole, key=_cpu).cpu
    yield Figure("with raw_event", rate(best.records, with_raw), f"{with_raw / best.cpu:.2f} times the ingest without")


def _commits(one: Ingested) -> Figure:
    """What the commits take of an ingest, and the steps that take 0.1 µs of a record and more."""
    steps = {point: seconds / one.records * 1e6 for point, seconds in one.steps.items() if point != "read"}
    told = ", ".join(f"{point} {each:.1f}" for point, each in steps.items() if each >= 0.1)
    return Figure("of that its commits", f"{sum(steps.values()):.1f} µs", told)


def beside(interpreter: str, landing: str, place: Path) -> Iterator[Figure]:
    """The ingest by another interpreter of the same version, with the libraries of this one."""
    pairs = [
        [_ingest(place / f"by-{run}-{by}", landing, interpreter=path) for by, path in enumerate((sys.executable, interpreter))]
        for run in range(3)
    ]
    mine, other = (min((pair[by] for pair in pairs), key=_cpu) for by in range(2))
    yield Figure("this interpreter", rate(mine.records, mine.cpu), "best of three")
    told = subprocess.run([interpreter, "-VV"], check=True, capture_output=True, text=True).stdout.strip()
    ratio = other.cpu / mine.cpu
    yield Figure("the other", rate(other.records, other.cpu), f"{told}; {ratio:.2f} times the CPU time", ratio)


def memory(place: Path) -> Iterator[Figure]:
    """The highest memory of an ingest by one process, for ever more of the same."""
    for events in MORE:
        one = _ingest(place / f"memory-{events}", str(_delivery(place, events)))
        yield Figure(f"{events:,} events", f"{one.peak:,.0f} MB", f"{one.records / one.seconds:,.0f} records/s by the clock, once")


def two_processes(landing: str, place: Path) -> Iterator[Figure]:
    """Ingests whose objects two processes read, against one process for all: of the landing folder, and of a large one."""
    yield Figure("the machine", f"{_busy(1) / _busy(2) * 2:.2f}", "work of two busy loops side by side against one; median of three")
    for source, events in ((landing, DELIVERY), (str(_delivery(place, LARGE)), LARGE)):
        pairs = [[_ingest(place / f"{events}-by-{jobs}-{run}", source, jobs=jobs).seconds for jobs in (1, 2)] for run in range(RUNS)]
        one, two = (statistics.median(seconds) for seconds in zip(*pairs, strict=True))
        ratios = sorted(alone / together for alone, together in pairs)
        note = f"median of the ratios of {RUNS} pairs, from {ratios[0]:.2f} to {ratios[-1]:.2f}; medians {one:.1f} and {two:.1f} s"
        yield Figure(f"two against one, {events:,} events", f"{statistics.median(ratios):.2f}", note)


def _delivery(place: Path, events: int) -> Path:
    """The folder of so many events over two weeks."""
    landing = place / f"delivery-{events}"
    if not landing.exists():
        simulate(landing, days=14, events=events, seed=6, workers=1)
    return landing


def _busy(processes: int) -> float:
    """Seconds by the clock of that many busy loops side by side."""

    def once() -> float:
        began = time.perf_counter()
        for process in [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(processes)]:
            process.wait()
        return time.perf_counter() - began

    return statistics.median(once() for _ in range(3))


def _cpu(one: Ingested) -> float:
    return one.cpu


def _ingest(place: Path, source: str, *, jobs: int = 1, raw_event: bool = False, interpreter: str = sys.executable) -> Ingested:
    """An ingest in a process of its own, into a lake of its own."""
    Lake.create(Settings(lake=str(place)), KEYRING)
    words = [interpreter, "-c", INGEST, str(place), str(jobs), source]
    environment = {**os.environ, "ENGAGEDB_RAW_EVENT": str(raw_event), "PYTHONPATH": sysconfig.get_path("purelib")}
    told = subprocess.run(words, check=True, capture_output=True, text=True, env=environment).stdout
    return Ingested(*orjson.loads(told))
