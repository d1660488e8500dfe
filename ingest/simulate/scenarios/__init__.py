"""One file per scenario: its docstring says what happens, its `effects(window, rng)` says it in effects.

A new file here is a new `--scenario`: nothing else needs to know of it. `window` is the history that it is put into,
`rng` a generator of its own, drawn from the seed and the file's name; what an effect can do stands in effects.py.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence

from engagedb.errors import ConfigurationError
from ingest.simulate.scenarios.effects import Effect, Window


def scenario_names() -> list[str]:
    """Every scenario, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "effects")


def plan_scenarios(names: Sequence[str], window: Window, seed: int) -> dict[str, tuple[Effect, ...]]:
    """The effects of each named scenario. Raises ConfigurationError for an unknown name."""
    from ingest.simulate.draw import generator  # numpy, which naming the scenarios in a help text does not need

    known = scenario_names()
    planned = {}
    for name in sorted(set(names)):
        if name not in known:
            raise ConfigurationError(f"There is no scenario '{name}'. Choose from {', '.join(known)}.")
        module = importlib.import_module(f"{__name__}.{name}")
        planned[name] = tuple(module.effects(window, generator(seed, "scenario", name)))
    return planned
