"""The words around a number, and what the nearest of them says that the number is."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter

from transforms.text.lexicon import JAPANESE, WORDS, Cue

# Letters with the marks that Indic and Arabic scripts put on them; Python's \w leaves those marks out.
MARKS = "\u0300-\u036f\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0955-\u0957\u0962\u0963"
LETTER = f"(?:[^\\W\\d_]|[{MARKS}])"
WORD = re.compile(f"{LETTER}+(?:['./-]{LETTER}+)*[#°º]?")
# Where a value in Latin letters or digits ends. Japanese stands right beside numbers, so \b and \w would be wrong.
WORD_CHARS = "a-z0-9_\u00c0-\u024f"
NOT_IN_WORD = f"(?<![{WORD_CHARS}/-])(?<!\\d[.,])"
NOT_ON_WORD = f"(?![{WORD_CHARS}/-]|[.,]\\d)"
CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff]")

_EXACT: dict[str, Cue] = {}
_STEMS: dict[str, Cue] = {}
_ENDINGS: dict[str, Cue] = {}
for _cue, _words in WORDS.items():
    for _word in _words.split():
        if _word.startswith("*"):
            _ENDINGS.setdefault(_word[1:], _cue)
        elif _word.endswith("*"):
            _STEMS.setdefault(_word[:-1], _cue)
        else:
            _EXACT.setdefault(_word, _cue)
_JAPANESE: dict[str, Cue] = {word: cue for cue, words in JAPANESE.items() for word in words.split()}
_JAPANESE_WORD = re.compile("|".join(sorted(map(re.escape, _JAPANESE), key=len, reverse=True)))
_SHORTEST_STEM, _LONGEST_STEM = min(map(len, _STEMS)), max(map(len, _STEMS))
_ARABIC_PARTICLES = re.compile("^(?:[وفبلك]{0,2}ال|لل|[وفبلك](?=..))")
_LONGEST_CUE = 100  # letters; looking further back than this and the reach finds nothing
_CLAUSE_END = re.compile(r"[.!?;\n](?=\s|$)|\n")

# Generic words take the meaning of a special one beside them: "order number", "promo code", "code postal".
_GENERIC = frozenset({Cue.CODE, Cue.NUMBER})


def pattern_of(*cues: Cue) -> str:
    """An RE2 pattern that finds every word of the cues in small letters, and at times more."""
    parts = [
        rf"\b{re.escape(word)}" if word[0].isascii() else re.escape(word) for word, cue in (*_EXACT.items(), *_STEMS.items()) if cue in cues
    ]
    parts += [re.escape(word) for word, cue in (*_ENDINGS.items(), *_JAPANESE.items()) if cue in cues]
    return "|".join(parts)


@dataclass(frozen=True, slots=True)
class Hit:
    """A cue at low[start:end]."""

    start: int
    end: int
    cue: Cue


def hits(low: str) -> list[Hit]:
    """All cues of a text in order, each generic one already turned into the special one that qualifies it."""
    found = [Hit(match.start(), match.end(), cue) for match in WORD.finditer(low) if (cue := cue_of(match.group())) is not None]
    if not low.isascii() and CJK.search(low) is not None:
        found.extend(Hit(match.start(), match.end(), _JAPANESE[match.group()]) for match in _JAPANESE_WORD.finditer(low))
        found.sort(key=lambda hit: hit.start)
    return [_qualified(found, index, low) for index in range(len(found))]


@lru_cache(maxsize=65536)
def cue_of(word: str) -> Cue | None:
    """The cue of one word in lower case; endings of stems and Arabic articles are looked through."""
    cue = _EXACT.get(word)
    if cue is None:
        for size in range(min(len(word), _LONGEST_STEM), _SHORTEST_STEM - 1, -1):
            cue = _STEMS.get(word[:size])
            if cue is not None:
                return cue
        for ending, ending_cue in _ENDINGS.items():
            if word.endswith(ending) and len(word) > len(ending) + 2:
                return ending_cue
        if "\u0600" < word[0] < "\u06ff":
            bare = _ARABIC_PARTICLES.sub("", word)
            return cue_of(bare) if bare != word and bare else None
        if "-" in word or "/" in word or "." in word:
            for part in re.split(r"[-/.]", word):
                cue = cue_of(part) if part else None
                if cue is not None:
                    return cue
    return cue


def _qualified(found: list[Hit], index: int, low: str) -> Hit:
    hit = found[index]
    if hit.cue not in _GENERIC:
        return hit
    for other in (index - 1, index + 1):
        if not 0 <= other < len(found) or found[other].cue in _GENERIC or found[other].cue in (Cue.UNIT, Cue.PHONE, Cue.CARD, Cue.SIGN_IN):
            continue
        if found[other].cue is not Cue.HARMLESS and hit.cue is not Cue.NUMBER:
            continue
        left, right = (found[other], hit) if other < index else (hit, found[other])
        between = low[left.end : right.start]
        if len(between) <= 4 and not any(char.isdigit() or char in ".,:;!?\n()" for char in between):
            return Hit(hit.start, hit.end, found[other].cue)
    return hit


_start = attrgetter("start")


def nearest(found: list[Hit], low: str, start: int, end: int, *, reach: int = 48) -> tuple[Cue | None, int]:
    """The cue that low[start:end] most likely belongs to, and its distance; words before a number count more than words after."""
    best: Cue | None = None
    best_cost = reach
    if not found:
        return best, best_cost
    first = bisect_left(found, start - reach - _LONGEST_CUE, key=_start)
    for hit in found[first : bisect_left(found, end + reach, first, key=_start)]:
        if hit.end <= start:
            cost = start - hit.end
        elif hit.start >= end:
            cost = (hit.start - end) * 3 // 2 + 4
        else:
            continue
        if cost >= best_cost + 24 or cost > reach:
            continue
        gap = low[hit.end : start] if hit.end <= start else low[end : hit.start]
        if len(gap) > 1 and _CLAUSE_END.search(gap):
            cost += 16
        if any(char.isdigit() for char in gap):
            cost += 12
        if "," in gap:
            cost += 8
        if hit.cue is Cue.NUMBER:
            cost += 14
        if hit.cue is Cue.UNIT:
            if hit.start >= end and len(gap) <= 1:
                cost = 0
            else:
                continue
        if cost < best_cost:
            best, best_cost = hit.cue, cost
    return best, best_cost
