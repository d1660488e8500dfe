"""What the disk, the network and the catalog throw, told in one sentence that says what to do."""

from __future__ import annotations

import errno
import os
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from engagedb.errors import LakeError

AGAIN: Final = "run the same command again: nothing is lost or doubled"
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
CLOSED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@contextmanager
def telling_lake_errors(place: str) -> Iterator[None]:
    """Turns a failure of storage or catalog into a LakeError; a locked catalog passes, because waiting helps (lake/compare_and_swap.py)."""
    import duckdb
    import pyarrow as pa

    failures: tuple[type[Exception], ...] = (OSError, duckdb.Error, *_bucket_errors())
    try:
        yield
    except _catalog_errors() as error:
        told = getattr(error, "orig", error)
        if "locked" in str(told):
            raise
        raise LakeError(
            f"The catalog of {place} cannot be used: {told}. Check its permissions and free space, or restore it from a backup."
        ) from None
    except FileNotFoundError:
        raise LakeError(f"A file of {place} is missing. Restore the lake from a backup.") from None
    except pa.ArrowInvalid:
        raise LakeError(f"A file of {place} is damaged. Restore the lake from a backup.") from None
    except failures as error:
        raise LakeError(_sentence(place, error)) from None


@contextmanager
def telling_damage(place: str) -> Iterator[None]:
    """For files of Iceberg's own, whose readers fail on a damaged one in many ways; everything else as `telling_lake_errors`."""
    from pyiceberg.exceptions import ValidationError

    with telling_lake_errors(place):
        try:
            yield
        except (ValueError, TypeError, LookupError, EOFError, SystemError, ValidationError):
            raise LakeError(f"A file of {place} is damaged. Restore the lake from a backup.") from None


def _catalog_errors() -> tuple[type[Exception], ...]:
    """What a catalog raises: SQLite itself to readers, SQLAlchemy where it is in use."""
    known = sys.modules.get("sqlalchemy.exc")
    return (sqlite3.DatabaseError,) if known is None else (sqlite3.DatabaseError, known.DatabaseError)


def _bucket_errors() -> tuple[type[Exception], ...]:
    """What boto3 raises, where it is installed."""
    try:
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        return ()
    return BotoCoreError, ClientError


def _sentence(place: str, error: Exception) -> str:
    if _names_damage(error):
        return f"A file of {place} is missing or damaged. Restore the lake from a backup."
    number = error.errno if isinstance(error, OSError) else None
    if number in FULL or "No space left" in str(error):
        return f"The disk of {place} is full. Free space, then {AGAIN}."
    if number in CLOSED:
        return f"{place} may not be written by this user. Give it write permission, then {AGAIN}."
    if number is not None and isinstance(error, OSError) and "AWS Error" not in str(error):
        return f"{place} cannot be read or written: {os.strerror(number)}. Check the disk or the mount, then {AGAIN}."
    code = _code(error)
    if re.search("ACCESS_DENIED|AccessDenied|EXPIRED|Expired|INVALID_ACCESS_KEY|SIGNATURE|403|Forbidden", f"{code} {error}"):
        return f"{place} refuses the credentials ({code}). They may have expired: sign in again or check the policy, then {AGAIN}."
    return f"{place} cannot be read or written ({code}). Check the network, the bucket and AWS_ENDPOINT_URL, then {AGAIN}."


def _names_damage(error: Exception) -> bool:
    """True for what was raised below DuckDB, which gives the text only, and for a data file that DuckDB itself cannot read."""
    import duckdb

    told = str(error)
    if (code := re.search(r"AWS Error (\w+)", told)) and not re.search("NO_SUCH|NOT_FOUND", code[1]):
        return False  # the bucket was not reached: that says nothing about the file
    unreadable = isinstance(error, duckdb.Error) and ".parquet" in told and "Permission denied" not in told and "No space left" not in told
    return "Restore the lake" in told or "Parquet" in told or unreadable


def _code(error: Exception) -> str:
    """The storage's own word for the failure, or the kind of the error: never its text, which may be anything."""
    told = getattr(error, "response", {}).get("Error", {}).get("Code")
    found = re.search(r"AWS Error (\w+)", str(error))
    return str(told or (found[1] if found else type(error).__name__))
