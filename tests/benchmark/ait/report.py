"""The tables of docs/ait.md from what was measured."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tests.benchmark.ait.direct import Data
from tests.benchmark.ait.measure import ATTACKS, LOOK_ALIKES, Found

BEGIN: Final = "<!-- measured by python -m tests.benchmark.ait -->\n"
END: Final = "<!-- end of what was measured -->\n"
USES: Final = {
    "feedback and Protect": Data(),
    "feedback only": Data(protect=False),
    "Protect only": Data(feedback=False),
    "neither": Data(feedback=False, protect=False),
}


def put_between(page: str, text: str) -> str:
    """The page with this text between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + text + END + after


def merge(parts: Iterable[Mapping[str, Found]]) -> dict[str, Found]:
    """The sums over all seeds."""
    total: dict[str, Found] = {}
    for part in parts:
        for name, found in part.items():
            sum_ = total.setdefault(name, Found())
            for counted in ("attacked", "found", "right", "wrong", "uncounted"):
                setattr(sum_, counted, getattr(sum_, counted) + getattr(found, counted))
            sum_.usd += found.usd
            sum_.hours += found.hours
    return total


def shape_table(total: Mapping[str, Found], look_alikes: int) -> str:
    """Per shape what was found, how soon, and the money in it; then all, the false alerts of look-alikes included."""
    rows = []
    for shape in ATTACKS:
        found = total[shape]
        known = [hours for hours in found.hours if hours is not None]
        soon = f"{statistics.median(known):.1f}" if known else "-"
        late = f"{statistics.quantiles(known, n=10)[-1]:.1f}" if len(known) > 1 else "-"
        in_two = _share(sum(hours <= 2 for hours in known), len(found.hours))
        middle = f"{statistics.median(found.usd):.2f}" if found.usd else "-"
        rows.append([
            shape, len(found.hours), found.attacked, _share(found.found, found.attacked), _share(found.right, found.right + found.wrong),
            found.wrong, soon, late, in_two, middle, f"{sum(found.usd):,.0f}",
        ])  # fmt: skip
    everything = list(total.values())
    attacked, got = sum(f.attacked for f in everything), sum(f.found for f in everything)
    right, wrong = sum(f.right for f in everything), sum(f.wrong for f in everything) + look_alikes
    usd_all = [usd for found in everything for usd in found.usd]
    usd = [f"{statistics.median(usd_all):.2f}", f"{sum(usd_all):,.0f}"]
    name = "all, with ordinary traffic and look-alikes"
    rows.append([name, "", attacked, _share(got, attacked), _share(right, right + wrong), wrong, "", "", "", *usd])
    head = ["shape", "attacks", "attacked cells", "recall", "precision", "false alerts", "hours to detection, median", "9 of 10 within",
            "within 2 hours", "USD at risk per alert, median", "USD at risk, all alerts"]  # fmt: skip
    return _table(head, rows)


def use_table(totals: Mapping[str, Mapping[str, Found]], wrong: Mapping[str, Counter[str]]) -> str:
    """Recall by shape, precision and false alerts, by what the application uses."""
    rows = []
    for use, total in totals.items():
        everything = list(total.values())
        right, false = sum(f.right for f in everything), sum(f.wrong for f in everything)
        rows.append([
            use, *(_share(total[shape].found, total[shape].attacked) for shape in ATTACKS),
            _share(sum(f.found for f in everything), sum(f.attacked for f in everything)), _share(right, right + false),
            sum(wrong[use].values()),
        ])  # fmt: skip
    return _table(
        ["the application uses", *(f"recall {shape}" for shape in ATTACKS), "recall", "precision", "false alerts of look-alikes"], rows
    )


def look_alike_table(wrong: Mapping[str, Counter[str]], cells: Counter[str]) -> str:
    """False alerts of each look-alike, by what the application uses, beside the cells that could have given one."""
    names = (*LOOK_ALIKES, "ordinary")
    return _table(
        ["traffic", "cells of ten messages or more", *wrong], [[n, cells[n], *(counts[n] for counts in wrong.values())] for n in names]
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)
