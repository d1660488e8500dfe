"""Ratios, both sides measured in one run: compiled against plain Jinja2, an ingest against DuckDB alone, two processes against one."""

from __future__ import annotations

import dataclasses
import gc
import os
import statistics
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import duckdb
import orjson
from jinja2 import nodes

from engagedb.settings import Settings, data_folder
from ingest.simulate.simulate import simulate
from ingest.templates import load_templates
from lake.catalog import Lake
from tests.benchmark.figures import Figure, cpu_seconds, rate
from tests.benchmark.stages import KEYRING, read
from transforms.compile import CompiledTemplate, arrival_names
from transforms.record import RawRecord
from transforms.reference import PlainTemplate
from transforms.template import Expression, Template

RUNS: Final = 7
DELIVERY: Final = 100_000
MORE: Final = (50_000, 200_000, 800_000)
BUSY: Final = "for _ in range(30_000_000): pass"
_FORMS: Final[dict[str, dict[str, bool]]] = {"alone": {}, "whole": {"raw_event": True}}
INGEST: Final = """  # in the order of `engagedb ingest --jobs`
import sys, time
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
began, cpu = time.perf_counter(), time.process_time()
tally = ingest(
    lake, KEYRING, sys.argv[3:], lake.settings, clock=lambda: datetime.now(UTC), progress=lambda size: lambda done, records: None,
    jobs=int(sys.argv[2]),
)
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))  # getrusage tells the parent's too
print(tally.records, time.perf_counter() - began, time.process_time() - cpu, peak / 1000)
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


def expressions(landing: str) -> Iterator[Figure]:
    """Evaluation compiled, by one dict expression a row, and by one expression a column."""
    jobs = [(template, record.payload, arrival_names(record.arrival)) for template, record in _matched(landing)]
    one: dict[str, PlainTemplate] = {}
    many: dict[str, PlainTemplate] = {}
    for compiled, _, _ in jobs:
        one.setdefault(compiled.template.version, PlainTemplate(_in_one(compiled.template)))
        many.setdefault(compiled.template.version, PlainTemplate(compiled.template))
    gc.freeze()
    compiled_s = cpu_seconds(lambda: _each(lambda template, payload, arrival: template.evaluate(payload, arrival), jobs))
    yield Figure("compiled template", rate(len(jobs), compiled_s))
    for name, plain in (("one dict expression of Jinja2", one), ("an expression of Jinja2 per column", many)):
        seconds = cpu_seconds(lambda plain=plain: _each(partial(_plainly, plain), jobs), 2)  # type: ignore[misc]
        yield Figure(name, rate(len(jobs), seconds), f"{seconds / compiled_s:.1f} times the compiled one", seconds / compiled_s)


def _each(work: Callable[..., object], jobs: Sequence[tuple[Any, ...]]) -> None:
    """The work for each job, its answers forgotten at once: else Python searches them for cycles all the while."""
    for job in jobs:
        work(*job)


def _plainly(plain: dict[str, PlainTemplate], template: CompiledTemplate, payload: dict[str, Any], arrival: dict[str, Any]) -> None:
    plain[template.template.version].evaluate(payload, arrival)


def _matched(landing: str) -> Iterator[tuple[CompiledTemplate, RawRecord]]:
    """Each record whose template takes it as it is, with that template."""
    templates = [template for template in load_templates(str(data_folder("templates"))) if not template.template.parse]
    for record in read(landing):
        if isinstance(record, RawRecord):
            arrival = arrival_names(record.arrival)
            yield from ((template, record) for template in templates if template.matches(record.payload, arrival))


def _in_one(template: Template) -> Template:
    whole = nodes.Dict([nodes.Pair(nodes.Const(name), expression.tree) for name, expression in template.columns.items()], lineno=1)
    return dataclasses.replace(template, columns={"event_time": Expression(whole, "all columns", 1)})


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
    records, _, cpu, peak = min(alone, key=_cpu)
    note = f"{ceiling / cpu:.2f} of DuckDB; peak {peak:,.0f} MB"
    yield Figure("landing object to committed tables", rate(int(records), cpu), note, ceiling / cpu)
    yield Figure("the same, by the clock", f"{records / statistics.median(figures[1] for figures in alone):,.0f}/s", "median of three")
    with_raw = min(whole, key=_cpu)[2]
    yield Figure("with raw_event", rate(int(records), with_raw), f"{with_raw / cpu:.2f} times the ingest without")


def beside(interpreter: str, landing: str, place: Path) -> Iterator[Figure]:
    """The ingest by another interpreter of the same version, with the libraries of this one."""
    pairs = [
        [_ingest(place / f"by-{run}-{by}", landing, interpreter=path) for by, path in enumerate((sys.executable, interpreter))]
        for run in range(3)
    ]
    mine, other = (min((pair[by] for pair in pairs), key=_cpu) for by in range(2))
    yield Figure("this interpreter", rate(int(mine[0]), mine[2]), "best of three")
    told = subprocess.run([interpreter, "-VV"], check=True, capture_output=True, text=True).stdout.strip()
    yield Figure("the other", rate(int(other[0]), other[2]), f"{told}; {other[2] / mine[2]:.2f} times the CPU time", other[2] / mine[2])


def memory(place: Path) -> Iterator[Figure]:
    """The highest memory of an ingest by one process, for ever more of the same."""
    for events in MORE:
        landing = place / f"delivery-{events}"
        simulate(landing, days=14, events=events, seed=6, workers=1)
        records, seconds, _, peak = _ingest(place / f"memory-{events}", str(landing))
        yield Figure(f"{events:,} events", f"{peak:,.0f} MB", f"{records / seconds:,.0f} records/s by the clock, once")


def two_processes(landing: str, place: Path) -> Iterator[Figure]:
    """An ingest whose objects two processes read, against one process for all; large enough that starting them is a small part."""
    yield Figure("the machine", f"{_busy(1) / _busy(2) * 2:.2f}", "work of two busy loops side by side against one; median of three")
    pairs = [tuple(_ingest(place / f"read-by-{jobs}-{run}", landing, jobs=jobs) for jobs in (1, 2)) for run in range(RUNS)]
    for name, column in (("one process", 0), ("two processes", 1)):
        yield Figure(name, f"{statistics.median(pair[column][1] for pair in pairs):.1f} s", f"median of {RUNS}, {DELIVERY:,} events")
    ratio = statistics.median(alone[1] / together[1] for alone, together in pairs)
    yield Figure("two against one", f"{ratio:.2f}", f"median of the ratios of {RUNS} pairs")


def _busy(processes: int) -> float:
    """Seconds by the clock of that many busy loops side by side."""

    def once() -> float:
        began = time.perf_counter()
        for process in [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(processes)]:
            process.wait()
        return time.perf_counter() - began

    return statistics.median(once() for _ in range(3))


def _cpu(figures: tuple[float, float, float, float]) -> float:
    return figures[2]


def _ingest(
    place: Path, source: str, *, jobs: int = 1, raw_event: bool = False, interpreter: str = sys.executable
) -> tuple[float, float, float, float]:
    """Records, seconds by the clock, seconds of CPU and peak MB of the process that commits, in a process of its own."""
    Lake.create(Settings(lake=str(place)), KEYRING)
    words = [interpreter, "-c", INGEST, str(place), str(jobs), source]
    environment = {**os.environ, "ENGAGEDB_RAW_EVENT": str(raw_event), "PYTHONPATH": sysconfig.get_path("purelib")}
    told = subprocess.run(words, check=True, capture_output=True, text=True, env=environment).stdout.split()
    records, seconds, cpu, peak = map(float, told)
    return records, seconds, cpu, peak
