"""Word lists as sets: a list of words is easier to read, and to extend, as running text."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of the text, which are parted by white space."""
    return frozenset(text.split())


def phrases(text: str) -> frozenset[str]:
    """The phrases of the text, which are parted by bars."""
    return frozenset(text.split("|"))
