"""A whole history: every stream, day and shard, on as many processes as wanted, with the truth beside it.

The same parameters give the same bytes, whatever the clock, the hash seed and the number of workers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from engagedb.errors import ConfigurationError
from ingest.simulate.conversation import conversation_feed
from ingest.simulate.countries import countries
from ingest.simulate.feed import Feed, Source, join_feeds
from ingest.simulate.feedback import feedback_feed
from ingest.simulate.inbound import inbound_feed
from ingest.simulate.mms import mms_feed
from ingest.simulate.notices import confirmations_feed, notices_feed
from ingest.simulate.rcs import rcs_feed
from ingest.simulate.scenarios.effects import Absence, Effect, Outage, Silence, Surge, Weakness
from ingest.simulate.ses import ses_feed
from ingest.simulate.sms import sms_feed
from ingest.simulate.stream import run_stream
from ingest.simulate.truth import Truth, write_truth
from ingest.simulate.voice import voice_feed
from ingest.simulate.whatsapp_message import whatsapp_feed
from ingest.simulate.world import World

DEFAULT_START: Final = date(2026, 1, 5)
_DAYS_PER_TASK: Final = 4
_WORTH_PROCESSES: Final = 150_000  # events; below this, starting processes takes longer than the work


def _eum_feed(world: World, day: int, shard: int) -> Feed:
    return join_feeds([feed(world, day, shard) for feed in (sms_feed, mms_feed, voice_feed, rcs_feed)])


SOURCES: Final = (
    Source("eum", "sms", "", "sms", _eum_feed),
    Source("ses", "ses", "\n", "email", ses_feed),
    Source("whatsapp", "whatsapp", "\n", "whatsapp", whatsapp_feed),
    Source("two-way", "sms", "\n", "inbound", inbound_feed),
    Source("feedback", "feedback", "\n", "sms", feedback_feed),
    Source("conversation", "conversation", "\n", "chat", conversation_feed),
    Source("notices", "notices", "\n", "notices", notices_feed, fate="notice"),
    Source("confirmations", "whatsapp", "\n", "confirmations", confirmations_feed, fate="control"),
)


@dataclass(frozen=True, slots=True)
class Summary:
    """What was written; `truth` is the whole document of the truth file."""

    objects: int
    records: int
    bytes: int
    truth_path: Path
    truth: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Task:
    source: int
    shard: int
    days: range


def simulate(
    out: Path,
    *,
    days: int,
    events: int,
    seed: int,
    start: date = DEFAULT_START,
    scenarios: Sequence[str] = (),
    truth_path: Path | None = None,
    workers: int = 1,
    progress: Callable[[float], None] = lambda share: None,
) -> Summary:
    """Writes a history of about that many events into the folder `out`, and its truth to `truth_path` (`<out>.truth.json`).

    `progress` is called with the share that is done. Raises ConfigurationError when a parameter makes no sense, the
    folder already holds something, or the truth would lie in it.
    """
    out = out.absolute()
    truth_path = (truth_path or out.with_name(f"{out.name}.truth.json")).absolute()
    _check(out, truth_path, days, events, start)
    world = World(start, days, events, seed, tuple(sorted(set(scenarios))))
    out.mkdir(parents=True, exist_ok=True)
    truth = Truth(world.end_ms)
    tasks = _tasks(world)
    for done, part in enumerate(_run(out, world, tasks, workers), start=1):
        truth.merge(part)
        progress(done / len(tasks))
    document = _document(world, truth)
    write_truth(truth_path, document)
    return Summary(document["objects"], document["records"], document["bytes"], truth_path, document)


def _check(out: Path, truth_path: Path, days: int, events: int, start: date) -> None:
    if days < 1 or events < 1:
        raise ConfigurationError(f"A history needs at least one day and one event, not {days} days and {events} events.")
    if not date(1971, 1, 1) <= start <= date(2200, 1, 1):
        raise ConfigurationError(f"A history cannot start on {start}; choose a day between 1971 and 2200.")
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise ConfigurationError(f"{out} already holds something, and mixing two histories makes the truth wrong. Choose another folder.")
    if truth_path.is_relative_to(out):
        raise ConfigurationError(f"The truth file {truth_path} would lie in the landing folder and be ingested. Put it elsewhere.")


def _tasks(world: World) -> list[_Task]:
    """Every stream, shard and run of days; the largest streams first, so that no process waits long at the end."""
    runs = [range(first, min(first + _DAYS_PER_TASK, world.days)) for first in range(0, world.days, _DAYS_PER_TASK)]
    return [_Task(index, shard, run) for index, source in enumerate(SOURCES) for shard in range(world.shards(source.kind)) for run in runs]


def _run(out: Path, world: World, tasks: Sequence[_Task], workers: int) -> Iterator[Truth]:
    if workers <= 1 or world.events < _WORTH_PROCESSES:
        yield from (_run_task(out, world, task) for task in tasks)
        return
    with ProcessPoolExecutor(min(workers, len(tasks)), mp_context=get_context("spawn")) as pool:
        for finished in as_completed([pool.submit(partial(_run_task, out, world), task) for task in tasks]):
            yield finished.result()


def _run_task(out: Path, world: World, task: _Task) -> Truth:
    return run_stream(out, world, SOURCES[task.source], task.shard, task.days)


def _document(world: World, truth: Truth) -> dict[str, Any]:
    """The truth file: parameters, what was written, then every count, then the scenarios with their labelled cells."""
    tree = truth.tree()
    labels = {name: tree.pop(name, {}) for name in ("cells", "cell_usd", "attacking", "silenced", "outages")}
    events = sum(sum(words.values()) for words in tree.get("events", {}).values())
    return {
        "parameters": {
            "start": world.start.isoformat(),
            "days": world.days,
            "events": world.events,
            "seed": world.seed,
            "scenarios": list(world.scenarios),
        },
        "as_of": _iso(world.end_ms),
        "rows": {
            "events": events,
            "notices": sum(tree.get("notices", {}).values()),
            "dead_letters": tree.get("fates", {}).get("dead_letter", 0),
        },
        **tree,
        "scenarios": {name: [_describe(world, effect, labels) for effect in effects] for name, effects in world.effects.items()},
    }


def _describe(world: World, effect: Effect, labels: dict[str, Any]) -> dict[str, Any]:
    times = {"starts_at": _iso(effect.starts_at), "ends_at": _iso(effect.ends_at)}
    match effect:
        case Surge():
            index = str(world.surges.index(effect))
            cells = [
                {"hour": _iso(int(hour)), **({"number_range": name} if name else {}), "messages": count}
                for hour, counts in labels["cells"].get(index, {}).items()
                for name, count in counts.items()
            ]
            configuration = next(c.protect_mode for c in countries() if c.code == effect.country)
            return {
                "kind": "surge", "is_attack": effect.is_attack, **times, "country": effect.country,
                "number_range": effect.number_range, "protect_mode": configuration.lower(),
                "messages": sum(int(str(cell["messages"])) for cell in cells),
                "exposure_usd": labels["cell_usd"].get(index, "0"), "cells": cells,
                "message_ids": list(labels["attacking"].get(index, {})),
            }  # fmt: skip
        case Outage():
            touched = labels["outages"].get(str(world.outages.index(effect)), {})
            return {"kind": "outage", **times, "country": effect.country, "carrier": effect.carrier, **touched}
        case Silence():
            return {"kind": "silence", **times, "messages_expecting_feedback": labels["silenced"].get(str(world.silences.index(effect)), 0)}
        case Weakness():
            return {"kind": "weakness", **times, "country": effect.country, "delivered": effect.delivered}
        case Absence():
            return {"kind": "absence", **times, "country": effect.country}


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
