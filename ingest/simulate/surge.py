"""The messages of a surge: when they are asked for and by whom; the same for every day and shard that asks."""

from __future__ import annotations

from typing import Final

import numpy as np

from ingest.simulate.countries import countries, country_index
from ingest.simulate.draw import Ints, generator, scatter
from ingest.simulate.people import PER_COUNTRY, draw_people, phone_of
from ingest.simulate.scenarios.effects import Surge
from ingest.simulate.world import World, surge_ranges

_STRANGERS: Final = PER_COUNTRY // 2  # people from this number on never heard from the company
_TRY_AGAIN_MS: Final = 45_000


def surge_times(world: World, index: int, surge: Surge) -> Ints:
    """When each message is requested: in order, or in the order of the people who try several times."""
    rng = generator(world.seed, "surge", index)
    if surge.tries == 1:
        return np.sort(rng.integers(surge.starts_at, surge.ends_at, surge.messages))
    ordinals = np.arange(surge.messages)
    first = np.sort(rng.integers(surge.starts_at, surge.ends_at, -(-surge.messages // surge.tries)))
    later = ordinals % surge.tries * _TRY_AGAIN_MS + rng.integers(0, _TRY_AGAIN_MS, surge.messages)
    return np.minimum(first[ordinals // surge.tries] + later, surge.ends_at - 1)


def surge_people(rng: np.random.Generator, world: World, index: int, ordinals: Ints) -> tuple[Ints, Ints, Ints]:
    """Person, number range (an index into World.ranges) and last four digits of these messages of a surge."""
    surge = world.surges[index]
    country = country_index(surge.country)
    if surge.number_range is None:
        person = _customers(rng, world, index, country, ordinals)
        return person, *phone_of(person)
    names = surge_ranges(surge)
    known = {name: position for position, name in enumerate(world.ranges.tolist())}
    positions = np.asarray([known[name] for name in names], dtype=np.int64)
    turn = ordinals // surge.tries
    if surge.sequential:
        digits = (1000 + turn // surge.ranges) % 10_000
    elif surge.numbers < 10_000:
        digits = scatter(generator(world.seed, "surge numbers", index).integers(0, surge.numbers, surge.messages)[turn], 6, 10_000)
    else:
        digits = rng.integers(0, 10_000, len(ordinals))
    person = country * PER_COUNTRY + _STRANGERS + digits + turn % surge.ranges * 10_000
    return person, positions[turn % surge.ranges], digits


def _customers(rng: np.random.Generator, world: World, index: int, country: int, ordinals: Ints) -> Ints:
    """Customers of the country, or people who come for the first time; whoever tries several times is drawn once."""
    surge = world.surges[index]
    if surge.tries == 1 and surge.carrier is None and not surge.new_people:
        return draw_people(rng, np.full(len(ordinals), country, dtype=np.int64), world.population)
    own = generator(world.seed, "surge people", index)
    wanted = -(-surge.messages // surge.tries)
    if surge.new_people:
        drawn = country * PER_COUNTRY + _STRANGERS + own.integers(0, _STRANGERS // 25, wanted)
        return drawn[ordinals // surge.tries]
    names = [carrier.name for carrier in countries()[country].carriers]
    candidates = draw_people(own, np.full(wanted * len(names) * 4, country, dtype=np.int64), world.population)
    if surge.carrier is not None:
        candidates = candidates[carriers_of(candidates, np.full(len(candidates), country)) == names.index(surge.carrier)]
    return np.resize(candidates, wanted)[ordinals // surge.tries]


def carriers_of(person: Ints, country: Ints) -> Ints:
    """Index of each person's carrier among those of the country."""
    return scatter(person, 4, 1 << 20) % np.asarray([len(c.carriers) for c in countries()], dtype=np.int64)[country]
