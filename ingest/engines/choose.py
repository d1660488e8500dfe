"""The engine that the settings name."""

from __future__ import annotations

from engagedb.settings import Settings
from transforms.engine import Engine, TextRedactor


def text_redactor(settings: Settings) -> TextRedactor | None:
    """What redacts texts with that engine; None when the rules do it alone. Raises ConfigurationError."""
    if settings.text_engine == "presidio":
        from ingest.engines.presidio import Presidio

        return _redactor(Presidio(settings.text_models), settings)
    if settings.text_engine == "comprehend":
        from ingest.engines.comprehend import Comprehend

        return _redactor(Comprehend(settings.text_unit_price_usd), settings)
    return None


def estimating_redactor(settings: Settings) -> TextRedactor | None:
    """What counts the units that texts would cost, and asks nobody; None for an engine that costs nothing."""
    from ingest.engines.comprehend import Estimate

    return _redactor(Estimate(settings.text_unit_price_usd), settings) if settings.text_engine == "comprehend" else None


def _redactor(engine: Engine, settings: Settings) -> TextRedactor:
    return TextRedactor(engine, settings.text_language)
