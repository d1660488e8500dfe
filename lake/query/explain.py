"""What a query would do, told without doing it: `engagedb query --explain`."""

from __future__ import annotations

import typer

from engagedb.output import print_json, size_words
from lake.query.reads import TableRead
from lake.query.session import Question, Session


def print_explanation(session: Session, question: Question, *, as_json: bool) -> None:
    """The files of each table that the query would look at, then the engine's plan, on stdout."""
    plan, tables = session.plan(question), session.reads(question)
    if as_json:
        print_json({"reads": [_as_mapping(session, read) for read in tables], "plan": plan})
        return
    for read in tables:
        typer.echo(_sentence(session, read))
    typer.echo(plan)


def _sentence(session: Session, read: TableRead) -> str:
    days = f", {read.days[0]} to {read.days[1]}" if read.days else ""
    columns = f"{len(read.columns)} column{'' if len(read.columns) == 1 else 's'}"
    return f"{read.table}: {len(read.files)} of {read.of_files} files{days}; {size_words(session.scanned_bytes([read]))} in {columns}"


def _as_mapping(session: Session, read: TableRead) -> dict[str, object]:
    first, last = read.days or (None, None)
    return {
        "table": read.table,
        "files": [file.path for file in read.files],
        "of_files": read.of_files,
        "first_day": first,
        "last_day": last,
        "bytes": session.scanned_bytes([read]),
        "columns": list(read.columns),
    }
