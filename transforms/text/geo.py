"""Coordinates with three decimals or more: pairs in degrees, with hemisphere letters, or one with its name."""

from __future__ import annotations

import re

from transforms.text.kinds import Kind
from transforms.text.view import View

TRIGGERS = (r"\d[.,]\d{3,}", r"\d ?[°º]")

_DEGREE = r"[+-]?\d{1,3}\.\d{3,}(?: ?[°º])?(?: ?[nsewo](?![\w]))?"
_PAIR = re.compile(
    rf"(?<![a-z0-9_\u00c0-\u024f.,])(?:[nsewo] ?)?{_DEGREE}(?: ?[,;/|] ?| +)(?:[nsewo] ?)?{_DEGREE}(?![a-z0-9_\u00c0-\u024f]|\.\d)"
)
_COMMA_PAIR = re.compile(
    r"(?<![a-z0-9_\u00c0-\u024f.,])[+-]?\d{1,3},\d{4,} ?(?:[;/| ]) ?[+-]?\d{1,3},\d{4,}(?![a-z0-9_\u00c0-\u024f]|[.,]\d)"
)
_NAME = (
    r"(?:lat(?:itude|itud|itud)?|lng|lon(?:g|gitude|gitud)?|breite|länge|enlem|boylam|lintang|bujur|緯度|経度|अक्षांश|"
    r"देशांतर|خط العرض|خط الطول)"
)
_NAMED = re.compile(rf"{_NAME}[^\d\n+-]{{0,6}}(?P<value>[+-]?\d{{1,3}}[.,]\d{{3,}})")
_SEXAGESIMAL = re.compile(
    r"(?<!\w)[nsewo]? ?\d{1,3} ?[°º] ?\d{1,2} ?['m] ?(?:\d{1,2}(?:\.\d+)? ?(?:\"|'')?)? ?[nsewo]?"
    r"(?:[ ,;]+[nsewo]? ?\d{1,3} ?[°º] ?\d{1,2} ?['m] ?(?:\d{1,2}(?:\.\d+)? ?(?:\"|'')?)? ?[nsewo]?)?(?!\w)"
)


def claim(view: View) -> None:
    """Claims every pair within the range of the globe, and single values named latitude or longitude."""
    for pattern in (_PAIR, _COMMA_PAIR):
        for match in pattern.finditer(view.low):
            text = match.group().replace(",", ".") if pattern is _COMMA_PAIR else match.group()
            first, second = (float(number) for number in re.findall(r"[+-]?\d+\.\d+", text)[:2])
            if min(abs(first), abs(second)) <= 90 and max(abs(first), abs(second)) <= 180:
                view.claim(match.start(), match.end(), Kind.GEO)
    for match in _NAMED.finditer(view.low):
        view.claim(*match.span("value"), Kind.GEO)
    if "°" in view.low or "º" in view.low:
        for match in _SEXAGESIMAL.finditer(view.low):
            view.claim(match.start(), match.end(), Kind.GEO)
