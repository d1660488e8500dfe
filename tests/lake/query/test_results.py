"""Answers in each format, as spreadsheets, programs and people get them."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake.query.results import TABLE_ROWS, readable, write_csv, write_json, write_parquet, write_table


def reader(**columns: pa.Array) -> pa.RecordBatchReader:
    return pa.table(columns).to_reader()


def csv_cells(**columns: pa.Array) -> list[list[str]]:
    out = io.StringIO(newline="")
    write_csv(reader(**columns), out)
    return list(csv.reader(io.StringIO(out.getvalue(), newline="")))


@pytest.mark.parametrize("cell", ["=1+1", "＝1+1", "\n=1", "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_a_spreadsheet_would_run_is_quoted(cell: str) -> None:
    assert csv_cells(text=pa.array([cell]))[1] == [f"'{cell}"]


@pytest.mark.parametrize("cell", ["+1415555", "-7", "-0.5", "a=b", "", 'plain, with "quotes"\nand lines', " =x"])
def test_a_harmless_cell_stays_as_it_is(cell: str) -> None:
    assert csv_cells(text=pa.array([cell]), n=pa.array([1]))[1] == [cell, "1"]


def test_numbers_are_never_quoted_and_null_is_empty() -> None:
    rows = csv_cells(n=pa.array([-5, None]), x=pa.array([-0.5, None]), money=pa.array([Decimal("-0.00581000"), None], pa.decimal128(18, 8)))
    assert rows[1:] == [["-5", "-0.5", "-0.00581000"], ["", "", ""]]


def test_a_lone_null_is_still_a_row() -> None:
    assert csv_cells(text=pa.array([None, "x"], pa.string()))[1:] == [[""], ["x"]]


def test_a_column_name_cannot_carry_a_formula_either() -> None:
    assert csv_cells(**{"=1": pa.array([1])})[0] == ["'=1"]


def test_times_are_iso_in_utc() -> None:
    at = pa.array([datetime(2026, 1, 5, 10, 0, 0, 5, tzinfo=UTC)], pa.timestamp("us", tz="UTC"))
    assert csv_cells(at=at)[1] == ["2026-01-05T10:00:00.000005Z"]


def test_json_keeps_every_digit_of_money_and_every_kind_of_value() -> None:
    out = io.StringIO()
    write_json(
        reader(
            money=pa.array([Decimal("9999999999.12345678")], pa.decimal128(18, 8)),
            at=pa.array([datetime(2026, 1, 5, 10, tzinfo=UTC)], pa.timestamp("us", tz="UTC")),
            day=pa.array([date(2026, 1, 5)]),
            tags=pa.array([[("a", "b")]], pa.map_(pa.string(), pa.string())),
            nothing=pa.array([None], pa.string()),
            not_a_number=pa.array([float("nan")]),
            big=pa.array([Decimal(2**100)], pa.decimal128(38, 0)),
        ),
        out,
    )
    (row,) = json.loads(out.getvalue(), parse_float=Decimal)
    assert row == {
        "money": Decimal("9999999999.12345678"),
        "at": "2026-01-05T10:00:00Z",
        "day": "2026-01-05",
        "tags": {"a": "b"},
        "nothing": None,
        "not_a_number": None,
        "big": 2**100,
    }


@pytest.mark.parametrize("count", [0, 1, 2])
def test_json_is_one_array_for_any_number_of_rows(count: int) -> None:
    out = io.StringIO()
    write_json(reader(n=pa.array(list(range(count)), pa.int64())), out)
    assert json.loads(out.getvalue()) == [{"n": n} for n in range(count)]


def test_parquet_keeps_the_types() -> None:
    out = io.BytesIO()
    table = pa.table({"money": pa.array([Decimal("0.00581000")], pa.decimal128(18, 8)), "n": pa.array([1], pa.int64())})
    write_parquet(table.to_reader(), out)
    assert pq.read_table(io.BytesIO(out.getvalue())).equals(table)


def test_columns_of_the_same_name_are_all_written() -> None:
    out = io.StringIO()
    write_json(pa.RecordBatchReader.from_batches(*_same_names()), out)
    assert json.loads(out.getvalue()) == [{"n": 1, "n_2": 2}]


def _same_names() -> tuple[pa.Schema, list[pa.RecordBatch]]:
    schema = pa.schema([("n", pa.int64()), ("n", pa.int64())])
    return schema, [pa.RecordBatch.from_arrays([pa.array([1]), pa.array([2])], schema=schema)]


def test_a_table_in_a_pipe_is_not_cut() -> None:
    out = io.StringIO()
    long = "x" * 500
    write_table(reader(text=pa.array([long])), out)
    assert long in out.getvalue()


def test_a_table_shows_markup_as_text_and_says_when_rows_are_left_out() -> None:
    out = io.StringIO()
    write_table(reader(text=pa.array(["[bold]x[/bold]"] * (TABLE_ROWS + 1))), out)
    assert out.getvalue().count("[bold]x[/bold]") == TABLE_ROWS
    assert f"The first {TABLE_ROWS} rows." in out.getvalue()


def test_a_table_without_rows_shows_its_columns() -> None:
    out = io.StringIO()
    write_table(reader(first=pa.array([], pa.string())), out)
    assert "first" in out.getvalue()


def test_a_row_too_wide_for_the_screen_becomes_a_block() -> None:
    out = io.StringIO()
    write_table(reader(**{f"column_{number}": pa.array([number]) for number in range(2000)}), out)
    assert "column_1999  1999" in out.getvalue()


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (True, "true"),
        (0.123456789, "0.123457"),
        (Decimal("0.00581000"), "0.00581"),
        (Decimal("100"), "100"),
        (datetime(2026, 1, 5, 10, tzinfo=UTC), "2026-01-05 10:00:00Z"),
        (datetime(2026, 1, 5, 10, 0, 0, 5000, tzinfo=UTC), "2026-01-05 10:00:00.005Z"),
        ({"a": "é"}, '{"a": "é"}'),
        (b"\x01\xff", "01ff"),
    ],
)
def test_cells_read_well(cell: object, text: str) -> None:
    assert readable(cell) == text
