"""Overview: how many messages, where they arrive, and how fresh the lake is."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from dashboards import wording
from dashboards.answers import Answers, lake_place, open_answers
from dashboards.charts import countries_not_drawn, messages_by_day, world_map
from engagedb.errors import EngagedbError

PERIODS = {"Last 7 days": 7, "Last 30 days": 30, "Last 90 days": 90, "Everything": None}
TABLE_COLUMNS = ["country_name", "messages", "delivery_rate", "failed_count", "pending_count", "latency_p50_s", "receipt_trust"]
COLOURS = {"Delivery rate": "delivery_rate", "Messages": "messages"}


def show() -> None:
    """Draws the page, or says in one sentence why there is nothing to draw."""
    try:
        answers = open_answers(lake_place())
        all_days = answers.mart("delivery", by=["day", "channel"])
    except EngagedbError as error:
        st.title("engagedb")
        st.info(str(error))
        return
    if all_days.empty:
        st.title("engagedb")
        st.info(f"The lake at {lake_place()} holds no sent messages yet. Fill it with engagedb ingest SOURCE, and this page shows them.")
        return
    heading = st.container()
    since, until, channels = _filters(all_days)
    totals = answers.mart("delivery", since=since, until=until, by=[], channels=channels).iloc[0]
    heading.title(f"{wording.count(totals['messages'])} messages sent, {wording.days(since, until)}")
    _tiles(answers, totals, since, until, channels)
    left, right = st.columns([5, 7], gap="large")
    with left:
        st.subheader("Messages by day and channel")
        st.altair_chart(messages_by_day(answers.mart("delivery", since=since, until=until, by=["day", "channel"], channels=channels)))
        st.caption("Source: delivery_v1, by the UTC day of the send request.")
        _freshness(answers)
    with right:
        _countries(answers.mart("delivery_by_country", since=since, until=until, channels=channels))


def _filters(all_days: pd.DataFrame) -> tuple[date, date, tuple[str, ...]]:
    """The chosen days, counted back from the newest day with messages, and the chosen channels."""
    first, last = all_days["day"].min(), all_days["day"].max()
    present = [name for name in wording.CHANNEL_NAMES if name in set(all_days["channel"])]
    left, right = st.columns([5, 7], gap="large", vertical_alignment="bottom")
    period = left.segmented_control("Days (UTC)", list(PERIODS), default="Last 30 days", required=True, key="period")
    chosen = right.pills(
        "Channels", present, selection_mode="multi", format_func=wording.channel, key="channels", help="None chosen shows all."
    )
    length = PERIODS[period or "Everything"]
    since = first if length is None else max(first, last - timedelta(days=length - 1))
    return since, last, tuple(chosen)


def _tiles(answers: Answers, totals: pd.Series, since: date, until: date, channels: tuple[str, ...]) -> None:
    feedback = answers.mart("feedback_completion", since=since, until=until, by=[], channels=channels).iloc[0]
    protect = answers.mart("protect", since=since, until=until, by=[], channels=channels).iloc[0]
    tiles = [
        ("Messages", wording.count(totals["messages"]), "Outbound messages; for e-mail one per recipient."),
        (
            "Delivery rate",
            wording.share(totals["delivery_rate"]),
            "Delivered or finally accepted by the carrier, of all messages with a final outcome.",
        ),
        ("Pending", wording.count(totals["pending_count"]), "Messages without a final word by now; they are in no rate."),
        (
            "Feedback completion",
            wording.share(feedback["completion_rate"]),
            f"Feedback received, of {wording.count(feedback['expected_count'])} messages that expect it and whose hour is over; "
            f"{wording.count(feedback['silent_count'])} stayed silent.",
        ),
        (
            "Recommended to block",
            wording.count(protect["recommended_count"]),
            f"Messages that Protect's model recommends to block, of {wording.count(protect['messages'])} that it judged; "
            f"{wording.count(protect['blocked_count'])} messages were blocked.",
        ),
        (
            "Exposure",
            wording.money(protect["exposure_usd"]),
            "Price and carrier fee of messages recommended to block that were sent.",
        ),
    ]
    for place, (label, value, meaning) in zip(st.columns(len(tiles)), tiles, strict=True):
        place.metric(label, value, help=meaning, border=True)


def _countries(rows: pd.DataFrame) -> None:
    st.subheader("Delivery by country")
    located = rows[rows["recipient_country"].notna()]
    if located.empty:
        st.info("None of these messages states a country. Choose SMS, MMS, voice, RCS or WhatsApp.")
        return
    colour = st.segmented_control(
        "Colour by", list(COLOURS), default="Delivery rate", required=True, label_visibility="collapsed", key="colour"
    )
    st.altair_chart(world_map(located, COLOURS[colour or "Delivery rate"]))
    small = countries_not_drawn(located)
    elsewhere = int(rows.loc[rows["recipient_country"].isna(), "messages"].sum())
    notes = [f"Too small to draw: {', '.join(small)}." if small else "", f"{elsewhere:,} messages state no country." if elsewhere else ""]
    if any(notes):
        st.caption(" ".join(filter(None, notes)))
    st.dataframe(
        located[TABLE_COLUMNS].assign(delivery_rate=located["delivery_rate"] * 100),
        hide_index=True,
        height=338,
        column_config={
            "country_name": st.column_config.TextColumn("Country"),
            "messages": st.column_config.NumberColumn("Messages", format="localized"),
            "delivery_rate": st.column_config.ProgressColumn("Delivery rate", format="%.1f %%", min_value=0, max_value=100),
            "failed_count": st.column_config.NumberColumn("Failed", format="localized"),
            "pending_count": st.column_config.NumberColumn("Pending", format="localized"),
            "latency_p50_s": st.column_config.NumberColumn("Median seconds", format="%.1f"),
            "receipt_trust": st.column_config.TextColumn(
                "Receipts by", help="Who vouches for the receipts: the handset, the carrier, or nobody."
            ),
        },
    )
    st.caption("Source: delivery_by_country_v1.")


def _freshness(answers: Answers) -> None:
    st.subheader("Freshness")
    rows = answers.mart("freshness")
    shown = pd.DataFrame(
        {
            "Source": rows["source"],
            "Account": rows["account_id"],
            "Events": rows["events"],
            "Newest event (UTC)": rows["watermark_at"].dt.strftime("%Y-%m-%d %H:%M"),
            "Its age": [wording.age(value) for value in rows["lag_s"]],
            "Last read": [f"{wording.age(value)} ago" for value in rows["last_ingest_age_s"]],
        }
    )
    st.dataframe(shown, hide_index=True, column_config={"Events": st.column_config.NumberColumn(format="localized")})
    st.caption(
        f"Source: freshness_v1, of all days and channels. The lake was read at {answers.now:%H:%M:%S} UTC and is read again after a minute."
    )


show()
