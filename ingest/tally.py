"""The counts of an ingest, which must add up: records = the sum of the five fates."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from transforms.engine import Usage
from transforms.vocabulary import Fate


@dataclass(slots=True)
class Tally:
    """What happened to the records of one object, or of a whole run."""

    objects: int = 0
    objects_skipped: int = 0
    fates: Counter[Fate] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)  # new rows by table
    reasons: Counter[str] = field(default_factory=Counter)  # dead letters by reason
    late: int = 0  # of the events
    seconds: float = 0.0
    engine: Usage | None = None

    @property
    def records(self) -> int:
        return sum(self.fates.values())

    @property
    def late_share(self) -> float | None:
        """Late records among those that became events; None without any."""
        return round(self.late / self.fates[Fate.EVENT], 6) if self.fates[Fate.EVENT] else None

    def as_json(self) -> dict[str, Any]:
        """The object that `engagedb ingest --json` prints."""
        return {
            "objects": self.objects,
            "records": self.records,
            "fates": {str(fate): self.fates[fate] for fate in Fate},
            "objects_skipped": self.objects_skipped,
            "rows": {table: self.rows[table] for table in ("events", "notices", "dead_letters")},
            "reasons": dict(sorted(self.reasons.items())),
            "late": self.late,
            "late_share": self.late_share,
            "seconds": round(self.seconds, 3),
            **({"engine": self.engine.as_json()} if self.engine is not None else {}),
        }

    def sentence(self) -> str:
        """The summary line for people; the parts add up to the first number."""
        from engagedb.output import counted  # not above: a process that only reads shows nothing

        fates = {Fate.EVENT: "event", Fate.NOTICE: "notice", Fate.DUPLICATE: "duplicate", Fate.DEAD_LETTER: "dead letter"}
        parts = [counted(self.fates[fate], noun) for fate, noun in fates.items()]
        parts.insert(-1, f"{self.fates[Fate.CONTROL]:,} control")
        skipped = f" ({counted(self.objects_skipped, 'object')} ingested before)" if self.objects_skipped else ""
        return f"{counted(self.records, 'record')} from {counted(self.objects, 'object')}{skipped} = " + " + ".join(parts)
