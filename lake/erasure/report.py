"""The report of an erasure: what was done, signed with the lake's root secret, without a personal value."""

from __future__ import annotations

import hmac
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import orjson

from engagedb.errors import ConfigurationError
from lake.catalog import Lake
from lake.erasure.erase import Erasure
from lake.manifest import program_version
from transforms.pseudonyms import Keyring

FORMAT: Final = 1
NOT_COVERED: Final = (
    "Backups of the lake and exports are not searched.",
    "Landing objects are only read: delete or rewrite those that are listed, or let them expire.",
    "A record that was never ingested is recognised by its tombstone when it comes.",
)


def report_of(erasure: Erasure, lake: Lake, keyring: Keyring) -> dict[str, Any]:
    """The report as JSON values, its signature last."""
    stated: dict[str, Any] = {
        "engagedb_erasure": FORMAT,
        "erasure_id": erasure.erasure_id,
        "erased_at": erasure.erased_at.isoformat(),
        "dry_run": erasure.dry_run,
        "lake_id": lake.manifest.lake_id,
        "program": program_version(),
        "subjects": erasure.subjects,
        "subjects_found": erasure.subjects_found,
        "subject_keys": erasure.subject_keys,
        "tables": {name: asdict(emptied) for name, emptied in erasure.tables.items()},
        "dead_letters_searched": erasure.letters_searched,
        "dead_letters_unreadable": erasure.letters_unreadable,
        "snapshots_expired": erasure.snapshots_expired,
        "snapshots_that_still_hold": [
            {
                "table": holder.table,
                "snapshot_id": str(holder.snapshot_id),
                "expires_after": holder.expires_after.isoformat(timespec="seconds") if holder.expires_after else None,
            }
            for holder in erasure.holders
        ],
        "landing_objects": [{"object": place, "offsets": offsets} for place, offsets in erasure.places.items()],
        "not_covered": list(NOT_COVERED),
    }
    return stated | {"signature": {"algorithm": "HMAC-SHA256", "key_id": keyring.root_id, "value": _sign(stated, keyring)}}


def write_report(path: Path, report: dict[str, Any]) -> None:
    """Writes the report to the file. Raises ConfigurationError when it cannot be written."""
    try:
        path.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2) + b"\n")
    except OSError as error:
        raise ConfigurationError(f"The report cannot be written to {path}: {error.strerror}. Choose another --report.") from None


def verify_report(path: Path, keyring: Keyring) -> dict[str, Any]:
    """The report in the file, as it was signed. Raises ConfigurationError when it is none, was altered, or is of another key."""
    try:
        report: dict[str, Any] = orjson.loads(path.read_bytes())
        signature = report.pop("signature")
        told, value = signature["key_id"], str(signature["value"])
    except OSError as error:
        raise ConfigurationError(f"The report {path} cannot be read: {error.strerror}. Check the path.") from None
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise ConfigurationError(f"{path} is no report of an erasure. Name a file that engagedb erase --report wrote.") from None
    if told != keyring.root_id:
        raise ConfigurationError(f"The report {path} was signed with another key. Name the key file of its lake.")
    if not hmac.compare_digest(value.encode(), _sign(report, keyring).encode()):
        raise ConfigurationError(f"The report {path} was altered after it was signed. Ask for the original.")
    return report | {"signature": signature}


def _sign(stated: dict[str, Any], keyring: Keyring) -> str:
    text = orjson.dumps(stated, option=orjson.OPT_SORT_KEYS)
    return hmac.digest(keyring.subkey("erasure report"), text, "sha256").hex()
