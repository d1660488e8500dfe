"""The language of a text, where its words or its script tell one."""

from __future__ import annotations

import re
from typing import Final

from transforms.text import stop_words
from transforms.text.cues import CJK, WORD
from transforms.text.view import OURS

_SCRIPTS: Final = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ar", re.compile("[\u0621-\u064a]{2}")),
    ("hi", re.compile("[\u0904-\u0939]")),
)


def language_of(text: str) -> str | None:
    """The language ("en", "es", ...) that the text most likely is in; None when it is undecided. Tokens say nothing."""
    text = OURS.sub(" ", text)
    if not text.isascii():
        for language, letters in _SCRIPTS:
            if letters.search(text) is not None:
                return language
        if CJK.search(text) is not None:
            return None
    words = [match.group() for match in WORD.finditer(text)]
    return stop_words.likeliest(word.lower() for number, word in enumerate(words) if not number or not word[0].isupper())
