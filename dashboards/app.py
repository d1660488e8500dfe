"""The dashboard's frame: what every page has, and which pages there are. `engagedb dashboard` serves it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

st.set_page_config(page_title="engagedb", page_icon="📨", layout="wide")
st.html("<style>.stMainBlockContainer {padding-top: 2.5rem; max-width: 1400px} [data-testid='stHeader'] {display: none}</style>")

pages = [st.Page(Path(__file__).parent / "pages" / "overview.py", title="Overview", default=True)]
st.navigation(pages, position="hidden").run()
