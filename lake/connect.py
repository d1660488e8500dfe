"""Connections to the DuckDB of this process, which holds nothing: each brings what it reads, and takes its temporary tables along.

A database of its own takes ten milliseconds to start, a connection to this one a fraction of one.
"""

from __future__ import annotations

import os
from functools import cache

import duckdb


def connect(threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A connection in UTC; its queries use as many threads as there are cores, unless `threads` is given."""
    connection = _database(threads).cursor()
    connection.execute("set TimeZone = 'UTC'")
    return connection


@cache
def _database(threads: int | None) -> duckdb.DuckDBPyConnection:
    # The database lives as long as the process: it must not keep what it read of files that are read once.
    database = duckdb.connect() if threads is None else duckdb.connect(config={"threads": threads})
    return database.execute("set enable_external_file_cache = false")


os.register_at_fork(after_in_child=_database.cache_clear)  # its threads stay with the parent
