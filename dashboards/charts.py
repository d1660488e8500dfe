"""The charts, made of rows alone: nothing is fetched from elsewhere, so they draw in a closed network."""

from __future__ import annotations

import json
from bisect import bisect_right
from functools import cache
from pathlib import Path
from typing import Any, Final

import altair as alt
import pandas as pd

from dashboards.wording import CHANNEL_NAMES, channel

WORLD: Final = Path(__file__).parent / "world" / "countries-110m.json"
ANTARCTICA: Final = "010"
# Colours that people with any kind of colour vision tell apart; a channel always has the same one.
CHANNEL_COLOURS: Final = {
    "SMS": "#1f5f8b",
    "MMS": "#7fb7d9",
    "Voice": "#b07aa1",
    "RCS": "#4c9f70",
    "E-mail": "#e08a3c",
    "WhatsApp": "#8ab661",
}
NO_MESSAGES: Final = "#e6e8eb"
# From poor (orange) to good (blue); the steps lie where delivery rates differ, which is far above one half.
RATE_STEPS: Final = (0.8, 0.9, 0.95, 0.98)
RATE_BANDS: Final = {"below 80%": "#b5432f", "80-90%": "#e39a5b", "90-95%": "#b5d3e7", "95-98%": "#5b9bc4", "98% and more": "#1f5f8b"}


def messages_by_day(rows: pd.DataFrame) -> alt.Chart:
    """Stacked bars: messages of each day and channel. Rows have day, channel, messages, delivery_rate."""
    ranks = {word: rank for rank, word in enumerate(CHANNEL_NAMES)}
    drawn = rows.assign(name=rows["channel"].map(channel), rank=rows["channel"].map(ranks), day=pd.to_datetime(rows["day"]))
    present = [name for name in CHANNEL_NAMES.values() if name in set(drawn["name"])]
    chart: alt.Chart = (
        alt.Chart(drawn)
        .mark_bar()
        .encode(
            x=alt.X("utcyearmonthdate(day):O", title=None, axis=alt.Axis(format="%-d %b", labelAngle=0, labelOverlap=True, tickWidth=0)),
            y=alt.Y("sum(messages):Q", title="messages", axis=alt.Axis(format=",d", tickMinStep=1)),
            color=alt.Color(
                "name:N",
                title=None,
                scale=alt.Scale(domain=present, range=[CHANNEL_COLOURS[name] for name in present]),
                legend=alt.Legend(orient="top"),
            ),
            order=alt.Order("rank:Q"),
            tooltip=[
                alt.Tooltip("utcyearmonthdate(day):T", title="day", format="%-d %B %Y"),
                alt.Tooltip("name:N", title="channel"),
                alt.Tooltip("messages:Q", format=","),
                alt.Tooltip("delivery_rate:Q", title="delivery rate", format=".1%"),
            ],
        )
        .properties(height=330)
    )
    return chart


def world_map(rows: pd.DataFrame, colour_by: str) -> alt.LayerChart:
    """Countries coloured by `delivery_rate` or `messages`; a country without messages is grey."""
    shapes = alt.InlineData(values=_world(), format=alt.TopoDataFormat(type="topojson", feature="countries"))
    columns = ["country_name", "messages", "delivered_count", "delivery_rate", "latency_p50_s", "receipt_trust", "band"]
    drawn = rows[rows["country_numeric"].notna()]
    drawn = drawn.assign(band=drawn["delivery_rate"].map(rate_band))
    colour = _rate_colour() if colour_by == "delivery_rate" else _message_colour()
    land = (
        alt.Chart(shapes).transform_filter(f"datum.id != '{ANTARCTICA}'").mark_geoshape(fill=NO_MESSAGES, stroke="white", strokeWidth=0.5)
    )
    reached = (
        alt.Chart(shapes)
        .transform_lookup(lookup="id", from_=alt.LookupData(drawn, "country_numeric", columns))
        .transform_filter(f"isValid(datum.{colour_by})")
        .mark_geoshape(stroke="white", strokeWidth=0.5)
        .encode(
            color=colour,
            tooltip=[
                alt.Tooltip("country_name:N", title="country"),
                alt.Tooltip("messages:Q", format=","),
                alt.Tooltip("delivered_count:Q", title="delivered", format=","),
                alt.Tooltip("delivery_rate:Q", title="delivery rate", format=".1%"),
                alt.Tooltip("latency_p50_s:Q", title="median seconds to delivery", format=".1f"),
                alt.Tooltip("receipt_trust:N", title="receipts vouched for by"),
            ],
        )
    )
    # Turned by 11 degrees, the edge of the map runs through the Bering Strait and cuts no country in two.
    chart: alt.LayerChart = (
        alt.layer(land, reached).project("equalEarth", rotate=[-11, 0, 0]).properties(height=400).configure_view(strokeWidth=0)
    )
    return chart


def _rate_colour() -> alt.Color:
    scale = alt.Scale(domain=list(RATE_BANDS), range=list(RATE_BANDS.values()))
    legend = alt.Legend(orient="bottom", direction="horizontal", symbolType="square", symbolStrokeWidth=0, titleOrient="left")
    return alt.Color("band:N", scale=scale, title="delivery rate", legend=legend)


def _message_colour() -> alt.Color:
    scale = alt.Scale(type="log", scheme="blues", domainMin=1)
    return alt.Color("messages:Q", scale=scale, title="messages", legend=alt.Legend(orient="bottom", format=",d", gradientLength=240))


def rate_band(rate: float) -> str | None:
    """The band of RATE_BANDS that holds the rate; None when there is no rate."""
    return None if pd.isna(rate) else list(RATE_BANDS)[bisect_right(RATE_STEPS, rate)]


def countries_not_drawn(rows: pd.DataFrame) -> list[str]:
    """Names of countries with messages that are too small for this map."""
    drawn = {shape.get("id") for shape in _world()["objects"]["countries"]["geometries"]}
    missing = rows[rows["country_numeric"].notna() & ~rows["country_numeric"].isin(drawn)]
    return list(missing["country_name"])


@cache
def _world() -> dict[str, Any]:
    world: dict[str, Any] = json.loads(WORLD.read_text(encoding="utf-8"))
    return world
