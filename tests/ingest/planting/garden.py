"""Documents with planted values: each leaf with each kind of value, as many leaves of a document at once as the templates accept."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from engagedb.errors import Rejected
from ingest.reading import records
from ingest.transformer import Transformer
from tests.ingest.planting.leaves import Leaf, replaced
from tests.ingest.planting.values import KINDS, planted
from transforms.record import RawRecord

TURNS: Final = len(KINDS)


@dataclass
class Garden:
    """What was planted: documents that the templates accept, documents that they refuse, and the leaf of each number."""

    transformer: Transformer
    leaves: list[tuple[str, Leaf]] = field(default_factory=list)
    accepted: list[Any] = field(default_factory=list)
    refused: list[Any] = field(default_factory=list)

    def value(self, number: int, turn: int) -> str:
        """What a leaf holds in that turn."""
        return planted(KINDS[(number + turn) % len(KINDS)], number, number // len(KINDS) + turn)

    def plant(self, file: str, document: Any) -> None:
        """A document's leaves, over all turns. Leaves that no template bears, such as times, only stand in refused documents."""
        first = len(self.leaves)
        replaced(document, lambda leaf, text: self.leaves.append((file, leaf)) or text)  # type: ignore[func-returns-value]
        numbers = list(range(first, len(self.leaves)))
        bearable = [number for bundle in self._bundles(document, first, numbers, 0) for number in bundle]
        for turn in range(TURNS):
            self.accepted += [self._planted(document, first, bundle, turn) for bundle in self._bundles(document, first, bearable, turn)]
            if len(bearable) < len(numbers):
                self.refused.append(self._planted(document, first, numbers, turn))

    def _bundles(self, document: Any, first: int, numbers: list[int], turn: int) -> Iterator[list[int]]:
        """The numbers in as few parts as the templates accept, without those that they do not accept alone."""
        if self._is_accepted(self._planted(document, first, numbers, turn)):
            yield numbers
        elif len(numbers) > 1:
            middle = len(numbers) // 2
            yield from self._bundles(document, first, numbers[:middle], turn)
            yield from self._bundles(document, first, numbers[middle:], turn)

    def _planted(self, document: Any, first: int, numbers: list[int], turn: int) -> Any:
        """The document with values in these leaves: as the whole leaf, or behind what stood there."""
        chosen, number = set(numbers), first - 1

        def plant(leaf: Leaf, text: str) -> str:
            nonlocal number
            number += 1
            if number not in chosen:
                return text
            is_alone = leaf.is_key or (number + turn) % 2
            return self.value(number, turn) if is_alone else f"{text} {self.value(number, turn)}"

        return replaced(document, plant)

    def _is_accepted(self, document: Any) -> bool:
        try:
            for opened in records(io.BytesIO(json.dumps(document).encode()), "landing", 1 << 24):
                if not isinstance(opened, RawRecord):
                    return False
                self.transformer.normalizer.evaluated(opened)
        except Rejected:
            return False
        return True
