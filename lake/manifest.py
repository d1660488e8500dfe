"""lake.json, the manifest at the root of a lake: who made it, with which catalog, under which key.

The manifest is written once and never changed; it is the proof that a folder or prefix is a lake.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from engagedb.errors import LakeError
from lake.bucket import s3_client, split_uri

NAME: Final = "lake.json"
FORMAT: Final = 2  # 2 states email_ignores, which programs of format 1 would overlook

_IGNORES: Final = "email_ignores"


@dataclass(frozen=True, slots=True)
class Manifest:
    """`location` is the root as the tables' metadata names it; a moved folder lake keeps it (lake/relocate.py).
    `email_ignores` are the parts that tell no e-mail addresses apart (transforms/pseudonyms.py), for good.
    `catalog` is `folder` (catalog.db beside the tables), `glue`, or an SQLAlchemy URL without its credentials.
    """

    lake_id: str
    location: str
    catalog: str
    key_check: str
    created_by: str
    format: int = 1
    email_ignores: tuple[str, ...] = ()


def program_version() -> str:
    """Name and version of this program, as manifests record it."""
    try:
        return f"engagedb {version('engagedb')}"
    except PackageNotFoundError:
        return "engagedb (not installed)"


def read_manifest(root: str) -> Manifest | None:
    """The manifest at `root`, or None when there is none. Raises LakeError when it cannot be read or is newer than this program."""
    place = f"{root}/{NAME}"
    text = _get(root)
    if text is None:
        return None
    try:
        fields: dict[str, Any] = json.loads(text)
        found = int(fields["format"])
        if found > FORMAT:
            raise LakeError(
                f"{place} has lake format {found}, made by {fields.get('created_by')}; "
                f"this is {program_version()}, which knows formats up to {FORMAT}. Upgrade engagedb."
            )
        stated = {name: fields[name] for name in Manifest.__slots__ if name != _IGNORES}
        return Manifest(**stated, email_ignores=tuple(sorted(fields.get(_IGNORES, ()))))
    except (ValueError, KeyError, TypeError):
        raise LakeError(f"{place} is damaged. Restore it from a backup of the lake.") from None


def write_manifest(root: str, manifest: Manifest) -> Manifest:
    """The manifest that stands at `root` afterwards: this one, or that of another process that was first."""
    text = json.dumps(asdict(manifest), indent=2) + "\n"
    if root.startswith("s3://"):
        _put_object(root, text)
    else:
        _put_file(root, text)
    stands = read_manifest(root)
    if stands is None:
        raise LakeError(f"{root}/{NAME} was written and is gone. Check that nothing else cleans this place, then run engagedb init again.")
    return stands


def _get(root: str) -> str | None:
    if not root.startswith("s3://"):
        try:
            return Path(root, NAME).read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise LakeError(f"{root}/{NAME} cannot be read: {error.strerror}. Check its permissions.") from None
        except UnicodeDecodeError:
            raise LakeError(f"{root}/{NAME} is damaged. Restore it from a backup of the lake.") from None
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, prefix = split_uri(root)
    try:
        body: bytes = s3_client().get_object(Bucket=bucket, Key=f"{prefix}/{NAME}".lstrip("/"))["Body"].read()
        return body.decode()
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code == "NoSuchKey":
            return None
        if code == "NoSuchBucket":
            raise LakeError(f"The bucket of {root} does not exist. Create it, or correct --lake.") from None
        raise LakeError(f"{root}/{NAME} cannot be read: S3 answers {code}. Check the bucket policy and the credentials.") from None
    except BotoCoreError as error:
        raise LakeError(f"{root}/{NAME} cannot be read: {error}. Check the credentials, the region and AWS_ENDPOINT_URL.") from None


def _put_file(root: str, text: str) -> None:
    """A link to a finished file appears whole or not at all, and never replaces another."""
    draft = Path(root, f".{NAME}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    try:
        os.link(draft, Path(root, NAME))
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _put_object(root: str, text: str) -> None:
    from botocore.exceptions import ClientError

    bucket, prefix = split_uri(root)
    try:
        s3_client().put_object(Bucket=bucket, Key=f"{prefix}/{NAME}".lstrip("/"), Body=text.encode(), IfNoneMatch="*")
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code not in ("PreconditionFailed", "ConditionalRequestConflict"):
            raise LakeError(f"{root}/{NAME} cannot be written: S3 answers {code}. Check the bucket policy and the credentials.") from None


def map_location(location: str, logical_root: str, folder: str) -> str:
    """The path of a file now, from its address in the metadata. Raises LakeError for an address outside the lake."""
    relative = location.removeprefix(logical_root + "/")
    if relative == location or ".." in relative.split("/"):
        raise LakeError(f"The tables of {folder} name a file outside the lake. Restore the lake from a backup.")
    return f"{folder}/{relative}"
