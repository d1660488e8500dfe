"""Numbers, shares and times as the pages word them."""

from __future__ import annotations

from datetime import date

import pandas as pd

NOTHING = "–"
CHANNEL_NAMES = {"sms": "SMS", "mms": "MMS", "voice": "Voice", "rcs": "RCS", "email": "E-mail", "whatsapp": "WhatsApp"}


def count(value: float | None) -> str:
    """12,345."""
    return NOTHING if value is None or pd.isna(value) else f"{value:,.0f}"


def share(value: float | None) -> str:
    """95.5 %; a dash when there is no rate."""
    return NOTHING if value is None or pd.isna(value) else f"{value * 100:.1f} %"


def money(value: float | None) -> str:
    """$28.44; small sums keep their cents."""
    return NOTHING if value is None or pd.isna(value) else f"${value:,.2f}"


def channel(word: str) -> str:
    """SMS, E-mail, WhatsApp."""
    return CHANNEL_NAMES.get(word, word)


def age(seconds: float | None) -> str:
    """20 s, 5 min, 3 h, 12 days."""
    if seconds is None or pd.isna(seconds):
        return NOTHING
    for size, unit in ((172_800, "days"), (7_200, "h"), (120, "min")):
        if seconds >= size:
            return f"{seconds / {'days': 86_400, 'h': 3_600, 'min': 60}[unit]:,.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def days(first: date, last: date) -> str:
    """5 to 18 January 2026; each part is said once."""
    end = f"{last.day} {last:%B %Y}"
    if first == last:
        return end
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {end}"
    start = f"{first.day} {first:%B}" if first.year == last.year else f"{first.day} {first:%B %Y}"
    return f"{start} to {end}"
