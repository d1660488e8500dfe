"""Two sets of templates on the same recent records: what the second would change, told before it is used.

Both sides make their rows with one key of the moment, and only redacted rows are compared and kept. So nothing told
here can be linked with a lake, and nothing is told that a lake would not hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from engagedb.errors import ConfigurationError, Reason, Rejected
from engagedb.settings import Settings
from ingest.reading import records
from ingest.sources import list_objects, open_object
from ingest.templates import load_one_or_all, version_of
from ingest.transformer import options_of
from transforms.canonical import EVENTS, NOTICES, Privacy
from transforms.compile import CompiledTemplate, arrival_names
from transforms.normalize import Normalizer, Row
from transforms.pseudonyms import Keyring, Pseudonymiser
from transforms.record import RawRecord
from transforms.scrub import Scrubber

EXAMPLES: Final = 3
SEARCHED: Final = 100
_LONGEST: Final = 60
_NOT_COMPARED: Final = {"event_id", "notice_id", "source", "template_version"}
_PRIVACY: Final = {column.name: column.privacy for table in (EVENTS, NOTICES) for column in table.columns}
_TIMES: Final = ("event_time", "notice_time")


@dataclass(slots=True)
class ColumnDifference:
    """In how many records a column changes, and the first few different changes, old and new."""

    records: int = 0
    examples: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class SourceDifference:
    """What changes for one source. The two `rule` flags are about the templates themselves, whatever the sample holds."""

    records: int = 0
    changed: int = 0
    rows_gained: int = 0
    rows_lost: int = 0
    identity_changed: int = 0
    identity_rule_changed: bool = False
    time_rule_changed: bool = False
    columns: dict[str, ColumnDifference] = field(default_factory=dict)

    @property
    def time_changed(self) -> int:
        return sum(self.columns[name].records for name in _TIMES if name in self.columns)

    def as_json(self) -> dict[str, Any]:
        return {
            "records": self.records,
            "changed": self.changed,
            "rows_gained": self.rows_gained,
            "rows_lost": self.rows_lost,
            "identity_changed": self.identity_changed,
            "identity_rule_changed": self.identity_rule_changed,
            "time_changed": self.time_changed,
            "time_rule_changed": self.time_rule_changed,
            "columns": {
                name: {"records": found.records, "examples": [{"old": old, "new": new} for old, new in found.examples]}
                for name, found in sorted(self.columns.items())
            },
        }


@dataclass(slots=True)
class Difference:
    """How the records of the sample fare; `refused` and `accepted` tell why records become, or were, dead letters.

    `seen` are all records that were looked at, `records` those of them that a changed template knows.
    """

    templates: list[str] = field(default_factory=list)  # sources whose template differs
    seen: int = 0
    records: int = 0
    objects: int = 0
    changed: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    sources: dict[str, SourceDifference] = field(default_factory=dict)

    @property
    def is_any(self) -> bool:
        """True when a record changes, or when a template's rule for identity or time does."""
        return bool(self.changed) or any(s.identity_rule_changed or s.time_rule_changed for s in self.sources.values())

    def as_json(self) -> dict[str, Any]:
        """The object that `engagedb templates diff --json` prints."""
        return {
            "templates": self.templates,
            "records": self.records,
            "seen": self.seen,
            "objects": self.objects,
            "changed": self.changed,
            "become_dead_letters": dict(self.refused.most_common()),
            "no_more_dead_letters": dict(self.accepted.most_common()),
            "sources": {name: found.as_json() for name, found in sorted(self.sources.items())},
        }


def diff_templates(
    old: str,
    new: str,
    landing: Sequence[str],
    sample: int,
    settings: Settings,
    keyring: Keyring,
    now: datetime,
    told: Callable[[float], None],
) -> Difference:
    """What the templates of `new` change of the rows that those of `old` make of `sample` records, newest objects first.

    Each of the two is a folder of templates or one source's folder; then only that source counts. Records that no
    changed template knows are passed over, and so many of them end the search: SEARCHED for each record wanted. `told`
    gets the share that is done. Raises ConfigurationError for broken templates and when no record is found, SourceError
    for landing data that cannot be read.
    """
    before, after, is_single = _sides(old, new)
    differing = _differing(before, after)
    done = Difference(templates=sorted({template.template.source for template in differing}))
    if not differing:
        return done
    done.sources = _rules(before, after)
    pseudonymiser = Pseudonymiser(keyring)
    scrubber, options = Scrubber(pseudonymiser), options_of(settings)
    normalizers = [Normalizer(templates, scrubber, pseudonymiser, options) for templates in (before, after)]
    for record in _newest(landing, settings.max_record_bytes, done):
        arrival = arrival_names(record.arrival)
        if any(template.matches(record.payload, arrival) for template in differing):
            first, second = (_made(normalizer, record, now, is_single=is_single) for normalizer in normalizers)
            _compare(done, first, second)
        told(max(done.records / sample, done.seen / sample / SEARCHED))
        if done.records == sample or done.seen == sample * SEARCHED:
            break
    if not done.records:
        raise ConfigurationError(
            f"Nothing was compared: none of {done.seen:,} records in {', '.join(landing)} belongs to {', '.join(done.templates)}."
            " Name other landing data with --landing, or raise --sample."
        )
    return done


def _sides(old: str, new: str) -> tuple[list[CompiledTemplate], list[CompiledTemplate], bool]:
    (before, is_one_before), (after, is_one_after) = load_one_or_all(old), load_one_or_all(new)
    if is_one_before == is_one_after:
        return before, after, is_one_before
    (one,), many, place = (before, after, new) if is_one_before else (after, before, old)
    same = [template for template in many if template.template.source == one.template.source]
    if not same:
        raise ConfigurationError(f"{place} holds no template of the source {one.template.source}. Name two folders that both know it.")
    return (before, same, True) if is_one_before else (same, after, True)


def _differing(before: list[CompiledTemplate], after: list[CompiledTemplate]) -> list[CompiledTemplate]:
    """The templates of either side whose text the other side does not have."""
    old, new = ({template.template.version for template in templates} for templates in (before, after))
    return [t for t in before if t.template.version not in new] + [t for t in after if t.template.version not in old]


def _rules(before: list[CompiledTemplate], after: list[CompiledTemplate]) -> dict[str, SourceDifference]:
    """Sources of both sides, with the rules that changed."""
    old, new = ({version.source: version for version in map(version_of, templates)} for templates in (before, after))
    return {
        source: SourceDifference(
            identity_rule_changed=old[source].identity != new[source].identity, time_rule_changed=old[source].time != new[source].time
        )
        for source in sorted(old.keys() & new.keys())
    }


def _newest(landing: Sequence[str], max_record_bytes: int, done: Difference) -> Iterator[RawRecord]:
    """The records below the sources, object by object, those that were written last first."""
    for found in sorted(list_objects(landing), key=lambda found: (found.written_at, found.uri), reverse=True):
        done.objects += 1
        with open_object(found) as stream:
            for opened in records(stream, found.name, max_record_bytes):
                if isinstance(opened, RawRecord):  # no template is asked about anything else
                    done.seen += 1
                    yield opened


def _made(normalizer: Normalizer, record: RawRecord, now: datetime, *, is_single: bool) -> list[Row] | Rejected:
    """The rows of a record or why it is refused; what a single template does not know gives no row."""
    try:
        return normalizer.rows(record, now)
    except Rejected as refusal:
        return [] if is_single and refusal.reason is Reason.UNKNOWN_SOURCE else refusal


def _compare(done: Difference, first: list[Row] | Rejected, second: list[Row] | Rejected) -> None:
    done.records += 1
    if isinstance(first, Rejected) or isinstance(second, Rejected):
        if not isinstance(first, Rejected):
            done.refused[_told(second)] += 1
        elif not isinstance(second, Rejected):
            done.accepted[_told(first)] += 1
        else:
            return
        done.changed += 1
        return
    is_changed = False
    for source in sorted({row.values["source"] for row in (*first, *second)}):
        of_source = [[row for row in rows if row.values["source"] == source] for rows in (first, second)]
        is_changed |= _compare_source(done.sources.setdefault(source, SourceDifference()), *of_source)
    done.changed += is_changed


def _told(refusal: Any) -> str:
    return f"{refusal.reason}: {refusal.detail}"


def _compare_source(found: SourceDifference, before: list[Row], after: list[Row]) -> bool:
    """Counts the differences of one record's rows of one source; whether there is any.

    Rows belong together by their id; those that are left over by their order: the same event under another id.
    """
    old_rows, new_rows = ({row.id: row for row in reversed(rows)} for rows in (before, after))  # of equal ids the first one counts
    pairs = [(row, new_rows[identity]) for identity, row in old_rows.items() if identity in new_rows]
    lost = [row for row in before if row.id not in new_rows]
    gained = [row for row in after if row.id not in old_rows]
    renamed = min(len(lost), len(gained))
    pairs += zip(lost, gained, strict=False)
    changes: dict[str, list[tuple[Any, Any]]] = {}
    for old, new in pairs:
        for name in sorted((old.values.keys() | new.values.keys()) - _NOT_COMPARED):
            was, becomes = old.values.get(name), new.values.get(name)
            if was != becomes:
                changes.setdefault(name, []).append((was, becomes))
    for name, values in changes.items():
        column = found.columns.setdefault(name, ColumnDifference())
        column.records += 1
        for was, becomes in values:
            example = _example(name, was, becomes)
            if len(column.examples) < EXAMPLES and example not in column.examples:
                column.examples.append(example)
    found.records += 1
    found.identity_changed += bool(renamed)
    found.rows_lost += len(lost) - renamed
    found.rows_gained += len(gained) - renamed
    is_changed = bool(changes or lost or gained)
    found.changed += is_changed
    return is_changed


def _example(name: str, was: Any, becomes: Any) -> tuple[str, str]:
    """Both values as they are shown: short, of a map only what differs, of a pseudonym only that there is one."""
    if _PRIVACY[name] in (Privacy.KEYED, Privacy.PERSON):
        return "null" if was is None else "a pseudonym", "null" if becomes is None else "another pseudonym" if was else "a pseudonym"
    if isinstance(was, dict) or isinstance(becomes, dict):
        old, new = was or {}, becomes or {}
        keys = [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
        return _shown({key: old[key] for key in keys if key in old}), _shown({key: new[key] for key in keys if key in new})
    return _shown(was), _shown(becomes)


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, dict):
        text = ", ".join(f"{key}: {member}" for key, member in value.items()) or "nothing"
    else:
        text = "null" if value is None else "''" if value == "" else str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
