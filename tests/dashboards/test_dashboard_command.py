"""The command that serves the dashboard, and the page in a real browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from typer.testing import CliRunner

from dashboards.cli import app, refuse_busy_port, server_command
from engagedb.errors import ConfigurationError
from engagedb.settings import data_folder
from tests.canonical_rows import lake_of
from tests.dashboards.test_overview import EVENTS

CHROMIUM = Path("/usr/bin/chromium")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_busy_port_is_told_before_anything_starts() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = CliRunner().invoke(app, ["--port", str(port)])
    assert isinstance(result.exception, ConfigurationError)
    assert f"Port {port} is busy" in str(result.exception)


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(ConfigurationError, match=r"cannot listen on 192\.0\.2\.1:8501"):
        refuse_busy_port("192.0.2.1", 8501)


def test_the_server_sends_no_telemetry_and_listens_where_it_was_told() -> None:
    words = server_command(8502, "127.0.0.1")
    assert "--browser.gatherUsageStats=false" in words
    assert "--server.address=127.0.0.1" in words
    assert "--server.port=8502" in words


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard that `engagedb dashboard` serves, started in a folder that is not the clone."""
    folder = tmp_path_factory.mktemp("served")
    settings = lake_of(folder / "lake", EVENTS)
    port = free_port()
    environment = os.environ | {"PYTHONPATH": str(data_folder("sql").parent)}
    command = [sys.executable, "-c", "from dashboards.cli import app; app()", "--lake", settings.lake, "--port", str(port)]
    server = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while not is_up(address):
            assert server.poll() is None, "the server ended by itself"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait(30)


def is_up(address: str) -> bool:
    try:
        with urlopen(f"{address}/_stcore/health") as answer:
            return bool(answer.status == 200)
    except URLError:
        return False


def test_the_map_is_drawn_in_chromium_and_nothing_is_fetched_from_elsewhere(served: str) -> None:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 1200})
        asked: list[str] = []
        failures: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.goto(served)
        page.wait_for_selector("[data-testid=stVegaLiteChart] path[aria-roledescription=geoshape]", timeout=60_000, state="attached")
        shapes = page.locator("[data-testid=stVegaLiteChart] .mark-shape path")
        brazil = page.locator("path[aria-roledescription=geoshape][aria-label*=Brazil]")
        assert shapes.count() > 150
        assert brazil.count() == 1
        assert brazil.get_attribute("fill") == "#1f5f8b"
        assert page.locator("h1").inner_text() == "12 messages sent, 5 to 14 January 2026"
        browser.close()
    elsewhere = [url for url in asked if not url.startswith((served, served.replace("http", "ws"), "data:", "blob:"))]
    assert asked
    assert not elsewhere
    assert not failures
