"""Seeded draws: everything random in a simulated history comes from here, keyed by seed and by name.

A draw depends on nothing but the seed and the names given: not on the clock, the hash seed, the order of tasks or
the number of workers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Shares = npt.NDArray[np.float64]
Words = npt.NDArray[np.object_]


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """A random generator of its own for these names under this seed."""
    label = "\x1f".join([str(seed), *map(str, names)])
    return np.random.Generator(np.random.PCG64(int.from_bytes(hashlib.blake2b(label.encode(), digest_size=16).digest(), "big")))


def scatter(values: Ints, salt: int, below: int) -> Ints:
    """A number in [0, below) for each value, always the same for the same value and salt (splitmix64)."""
    with np.errstate(over="ignore"):
        z = values.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64((salt * 0xD1342543DE82EF95 + 0x2545F4914F6CDD1D) % 2**64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z % np.uint64(below)).astype(np.int64)


def pick(rng: np.random.Generator, weights: Sequence[float], size: int) -> Ints:
    """Indexes into `weights`, drawn in their proportion."""
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    drawn: Ints = np.searchsorted(edges, rng.random(size) * edges[-1], side="right").astype(np.int64)
    return np.minimum(drawn, len(weights) - 1)


def chance(rng: np.random.Generator, probability: float | Shares, size: int) -> Bools:
    """True with that probability."""
    return rng.random(size) < probability


def spread(rng: np.random.Generator, median_ms: float, sigma: float, size: int, most_ms: int) -> Ints:
    """Waiting times in ms, log-normal around the median, at least 1 and at most `most_ms`."""
    return np.exp(rng.normal(np.log(median_ms), sigma, size)).clip(1, most_ms).astype(np.int64)


def words(values: Sequence[str]) -> Words:
    """An array of strings that index arrays can look up in one step."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


@np.errstate(over="ignore")
def uuid_fields(ids: Ints) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """The five groups of a version 4 UUID made from each id, for the format `UUID`."""
    parts = [scatter(ids, salt, 1 << bits) for salt, bits in ((11, 32), (12, 16), (13, 12), (14, 14), (15, 48))]
    return parts[0], parts[1], parts[2], parts[3] | 0x8000, parts[4]


UUID = "%08x-%04x-4%03x-%04x-%012x"
