"""The command `engagedb dashboard`: serves the dashboard from this machine."""

from __future__ import annotations

import errno
import importlib.util
import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from engagedb.errors import ConfigurationError
from engagedb.options import LakeOption, settings_with

app = typer.Typer()

PAGES = Path(__file__).parent / "app.py"


@app.command("dashboard")
def dashboard_command(
    lake: LakeOption = None,
    port: Annotated[int, typer.Option("--port", metavar="NUMBER", min=1, max=65535, help="Port to serve on.")] = 8501,
    address: Annotated[
        str, typer.Option("--address", metavar="HOST", help="Address to listen on; 0.0.0.0 opens it to the network.")
    ] = "127.0.0.1",
) -> None:
    """Serve the dashboard until Ctrl-C.

    It shows what the lake holds to everybody who reaches the address and asks nobody for a password.

    Example: engagedb dashboard --lake ./lake --port 8502
    """
    if importlib.util.find_spec("streamlit") is None:
        raise ConfigurationError("The dashboard is not installed. Run pip install 'engagedb[dashboard]'.")
    refuse_busy_port(address, port)
    from engagedb.output import messages
    from engagedb.settings import data_folder
    from lake.catalog import Lake

    settings = settings_with(lake)
    Lake.open(settings)
    place = settings.lake
    environment = os.environ | {
        "ENGAGEDB_LAKE": place if place.startswith("s3://") else str(Path(place).expanduser().absolute()),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(data_folder("sql").parent), os.environ.get("PYTHONPATH")))),
    }
    messages.print(f"Dashboard of {environment['ENGAGEDB_LAKE']}: http://{address}:{port} (Ctrl-C ends it)", soft_wrap=True)
    os.execve(sys.executable, server_command(port, address), environment)


def server_command(port: int, address: str) -> list[str]:
    """The words that start the server: no telemetry, no file watching, nothing of the working folder imported, light colours."""
    options = {
        "server.port": port,
        "server.address": address,
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "logger.level": "warning",
        "theme.base": "light",
        "theme.primaryColor": "#1f5f8b",
    }
    return [sys.executable, "-P", "-m", "streamlit", "run", str(PAGES), *(f"--{name}={value}" for name, value in options.items())]


def refuse_busy_port(address: str, port: int) -> None:
    """Raises ConfigurationError when nothing can listen there."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise ConfigurationError(
                    f"Port {port} is busy: something else listens on {address}. Choose another one with --port."
                ) from None
            raise ConfigurationError(
                f"The dashboard cannot listen on {address}:{port}: {error.strerror}. Choose another --address or --port."
            ) from None
