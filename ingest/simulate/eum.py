"""What the events of End User Messaging share: the fields of a message, and the words of its statuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ingest.simulate.draw import Words, words


@dataclass(frozen=True, slots=True)
class Status:
    """One kind of event; `outcome` is what a message becomes by it, None when it is not final."""

    event_type: str
    status: str
    description: str
    is_final: bool
    outcome: str | None = None

    @property
    def head(self) -> str:
        return f'"eventType":"{self.event_type}","eventVersion":"1.0","eventTimestamp":'

    @property
    def finality(self) -> str:
        return f',"isFinal":{str(self.is_final).lower()}'

    @property
    def verdict(self) -> str:
        return f'"messageStatus":"{self.status}","messageStatusDescription":"{self.description}"'


def heads(statuses: Sequence[Status]) -> tuple[Words, Words, Words]:
    """Per status the texts before the event time, after it, and of the status itself."""
    return words([s.head for s in statuses]), words([s.finality for s in statuses]), words([s.verdict for s in statuses])


PROTECT_CONFIGURATIONS: Final = ("protect-4f1c9a7be0d84c2f9a35d6718be02c44", "protect-9b27e5d1c63f4a08b1f4470ad95e3e10")
MODES: Final = ("ALLOW", "MONITOR", "FILTER", "BLOCK")


def protect_fragments() -> Words:
    """Texts by configuration x mode x flagged: the protect part that ends an event."""
    texts = []
    for configuration in PROTECT_CONFIGURATIONS:
        for mode in MODES:
            for flagged in (False, True):
                text = f',"protectConfiguration":{{"protectConfigurationId":"{configuration}","protectStatus":"{mode}"}}'
                if mode in ("MONITOR", "FILTER") and flagged:
                    insights = '{"blockReason":"AIT_SUSPECTED"}'
                    text += f',"protectConfigurationAssessment":{{"protectRecommendation":"BLOCK","protectInsights":{insights}}}'
                elif mode in ("MONITOR", "FILTER"):
                    text += ',"protectConfigurationAssessment":{"protectRecommendation":"ALLOW"}'
                texts.append(text)
    return words(texts)
