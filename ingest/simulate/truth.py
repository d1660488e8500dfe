"""The truth about a simulated history: counts and sums that a lake made from it must reproduce exactly."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from ingest.simulate.draw import Bools, Ints


class Truth:
    """Counts by path such as `events/sms/TEXT_DELIVERED`; only what landed before `end_ms` is counted."""

    def __init__(self, end_ms: int) -> None:
        self.end_ms = end_ms
        self.counts: Counter[str] = Counter()
        self.sums: dict[str, Decimal] = {}

    def landed(self, arrivals: Ints) -> Bools:
        """Which records reached the landing folder before the history ends."""
        return arrivals < self.end_ms

    def add(self, path: str, count: int) -> None:
        if count:
            self.counts[path] += count

    def add_words(self, path: str, words: Sequence[str], codes: Ints) -> None:
        """Counts each code under its word."""
        for word, count in zip(words, np.bincount(codes, minlength=len(words)).tolist(), strict=True):
            self.add(f"{path}/{word}", count)

    def add_usd(self, path: str, amount: Decimal) -> None:
        if amount:
            self.sums[path] = self.sums.get(path, Decimal(0)) + amount

    def merge(self, other: Truth) -> None:
        self.counts.update(other.counts)
        for path, amount in other.sums.items():
            self.add_usd(path, amount)

    def tree(self) -> dict[str, Any]:
        """The counts as nested mappings in the order of their names; money as decimal strings."""
        root: dict[str, Any] = {}
        money = ((path, format(usd.normalize(), "f")) for path, usd in self.sums.items())
        leaves: list[tuple[str, int | str]] = [*self.counts.items(), *money]
        for path, value in sorted(leaves):
            *parents, name = path.split("/")
            node = root
            for parent in parents:
                node = node.setdefault(parent, {})
            node[name] = value
        return root


def write_truth(path: Path, truth: dict[str, Any]) -> None:
    """Writes the truth as one readable JSON document."""
    path.write_text(json.dumps(truth, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
