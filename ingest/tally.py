"""The counts of an ingest, which must add up: records = the sum of the five fates."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

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
        }

    def sentence(self) -> str:
        """The summary line for people; the parts add up to the first number."""
        parts = [
            f"{self.fates[Fate.EVENT]:,} events",
            f"{self.fates[Fate.NOTICE]:,} notices",
            f"{self.fates[Fate.DUPLICATE]:,} duplicates",
            f"{self.fates[Fate.CONTROL]:,} control",
            f"{self.fates[Fate.DEAD_LETTER]:,} dead letters",
        ]
        skipped = f" ({self.objects_skipped:,} objects were ingested before)" if self.objects_skipped else ""
        return f"{self.records:,} records from {self.objects:,} objects{skipped} = " + " + ".join(parts)
