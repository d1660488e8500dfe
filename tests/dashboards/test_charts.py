"""The charts carry their own data, world included, and colour what they are given."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from dashboards.charts import RATE_BANDS, countries_not_drawn, messages_by_day, rate_band, world_map

COUNTRIES = pd.DataFrame(
    {
        "country_name": ["Brazil", "Singapore", "Kosovo", "France"],
        "country_numeric": ["076", "702", None, "250"],
        "messages": [10, 5, 3, 2],
        "delivered_count": [9, 5, 3, 0],
        "delivery_rate": [0.9, 1.0, 1.0, float("nan")],
        "latency_p50_s": [2.0, 3.0, 1.0, float("nan")],
        "receipt_trust": ["carrier"] * 4,
    }
)


@pytest.mark.parametrize("colour_by", ["delivery_rate", "messages"])
def test_the_map_fetches_nothing(colour_by: str) -> None:
    drawn = world_map(COUNTRIES, colour_by).to_dict()
    assert '"url"' not in json.dumps(drawn)
    assert "Brazil" in json.dumps(drawn)
    assert drawn["layer"][1]["encoding"]["color"]["field"] == ("band" if colour_by == "delivery_rate" else "messages")


def test_countries_too_small_for_the_map_are_named() -> None:
    assert countries_not_drawn(COUNTRIES) == ["Singapore"]


@pytest.mark.parametrize(
    ("rate", "band"),
    [
        (0.0, "below 80%"),
        (0.7999, "below 80%"),
        (0.8, "80-90%"),
        (0.95, "95-98%"),
        (0.98, "98% and more"),
        (1.0, "98% and more"),
        (float("nan"), None),
    ],
)
def test_a_rate_falls_into_one_band(rate: float, band: str | None) -> None:
    assert rate_band(rate) == band
    assert band is None or band in RATE_BANDS


def test_a_channel_keeps_its_colour_when_others_are_absent() -> None:
    rows = pd.DataFrame({"day": [pd.Timestamp("2026-01-05").date()], "channel": ["email"], "messages": [1], "delivery_rate": [1.0]})
    colour = messages_by_day(rows).to_dict()["encoding"]["color"]["scale"]
    assert (colour["domain"], colour["range"]) == (["E-mail"], ["#e08a3c"])
