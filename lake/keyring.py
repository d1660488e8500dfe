"""The keyring of a lake, from a file, the environment or AWS. A missing, short or damaged key is refused with what to do."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Final

from engagedb.errors import ConfigurationError
from engagedb.settings import Settings
from lake.key_places import fetch, is_in_aws, name_of
from transforms.pseudonyms import KEY_BYTES, Keyring, PseudonymKey, derive_first, pseudonym_key

FORMAT: Final = 1
VARIABLE: Final = "ENGAGEDB_PSEUDONYM_KEY"
_HEX: Final = re.compile(r"[0-9a-fA-F]+")


def key_path(settings: Settings, lake_location: str) -> Path:
    """Where the key file is: the setting, else beside a folder lake and never inside it."""
    if settings.key_file is not None:
        return Path(settings.key_file).expanduser()
    if "://" in lake_location:
        return Path("engagedb.key")
    folder = Path(lake_location).expanduser()
    folder = folder.resolve() if folder.name in ("", "..") else folder
    return folder.with_name(folder.name + ".key")


def create_key_file(path: Path, lake_location: str) -> Keyring:
    """A new random keyring, written to `path` with mode 0600. Raises ConfigurationError rather than touch an existing file."""
    if "://" not in lake_location and path.resolve().is_relative_to(Path(lake_location).expanduser().resolve()):
        raise ConfigurationError(f"The key file {path} would lie inside the lake it protects. Choose a place outside with --key-file.")
    # Its first pseudonym key does not come from the root, so that it can be destroyed one day.
    keyring = Keyring(os.urandom(KEY_BYTES), (pseudonym_key(os.urandom(KEY_BYTES)),))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_new(path, keyring)
    except FileExistsError:
        raise ConfigurationError(
            f"The key file {path} already exists and is never overwritten: without it nobody can match new events to the lake's pseudonyms "
            "or read its dead letters. Back it up apart from the lake; for a new lake choose another --lake or --key-file."
        ) from None
    except OSError as error:
        raise ConfigurationError(f"The key file {path} cannot be written: {error.strerror}. Choose another --key-file.") from None
    return keyring


def replace_key_file(path: Path, keyring: Keyring) -> None:
    """Puts the keyring in place of the one in that file: at any moment the file holds the old one or the new one, whole."""
    place = path.resolve()  # a link stays a link
    draft = place.with_name(f".{place.name}.new")
    try:
        draft.unlink(missing_ok=True)  # of a call that was stopped
        _write_new(draft, keyring)
        draft.replace(place)
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise ConfigurationError(
            f"The key file {path} cannot be replaced: {error.strerror}. It is as it was; give this user the right to write in its folder."
        ) from None


def _write_new(path: Path, keyring: Keyring) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(_to_text(keyring))
        file.flush()
        os.fsync(file.fileno())


def load_key_file(path: Path) -> Keyring:
    """The keyring in that file: one that engagedb wrote, or 32 bytes in hex or base64. Raises ConfigurationError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"The key file {path} cannot be read ({error.strerror}). Check the path and its permissions.") from None
    return read_keyring(data, f"The key file {path}")


def require_keyring(settings: Settings, lake_location: str) -> Keyring:
    """The keyring of that lake: what the environment states first, then the key file. Raises ConfigurationError saying what to do."""
    return with_settings(_found_keyring(settings, lake_location), settings)


def with_settings(keyring: Keyring, settings: Settings) -> Keyring:
    """The keyring as the settings want it used."""
    return replace(keyring, email_ignores=frozenset[str](settings.email_ignores))


def _found_keyring(settings: Settings, lake_location: str) -> Keyring:
    stated, place = settings.pseudonym_key, settings.key_file
    if stated is not None:
        place = stated.get_secret_value().strip()
        if not is_in_aws(place):
            return read_keyring(place.encode("utf-8", "surrogateescape"), VARIABLE)
    if place is not None and is_in_aws(place):
        return read_keyring(fetch(place), f"The key at {name_of(place)}")
    path = key_path(settings, lake_location)
    if not path.exists():
        raise ConfigurationError(
            f"No key for the lake {lake_location}: {VARIABLE} is not set and {path} does not exist. "
            f"Make one with `engagedb init --lake {lake_location}`, or name the existing one with --key-file."
        )
    return load_key_file(path)


def has_key(settings: Settings, lake_location: str) -> bool:
    """True when somebody names a key, or a key file lies where this lake's would."""
    return settings.pseudonym_key is not None or settings.key_file is not None or key_path(settings, lake_location).exists()


def key_source(settings: Settings, lake_location: str) -> str:
    """Where the keyring comes from, for people: never the key itself."""
    if settings.pseudonym_key is not None:
        place = settings.pseudonym_key.get_secret_value().strip()
        return f"{name_of(place)}, named by {VARIABLE}" if is_in_aws(place) else VARIABLE
    if settings.key_file is not None and is_in_aws(settings.key_file):
        return name_of(settings.key_file)
    return str(key_path(settings, lake_location))


def is_in_file(settings: Settings) -> bool:
    """True when the keyring is a file that this program may write."""
    return settings.pseudonym_key is None and not (settings.key_file is not None and is_in_aws(settings.key_file))


def read_keyring(data: bytes, place: str) -> Keyring:
    """The keyring that stands in these bytes: its own text, or a bare root, 32 bytes as they are or in hex or base64."""
    if len(data) == KEY_BYTES and not all(32 <= byte < 127 for byte in data):  # such a text is a key of half the length, in hex
        return derive_first(data)
    try:
        text = data.decode("ascii").strip()
    except UnicodeDecodeError:
        raise ConfigurationError(f"{place} is damaged: it is not plain text. Restore it from its back-up.") from None
    return _from_text(text, place) if text.startswith("{") else derive_first(decode_root(text, place))


def decode_root(text: str, place: str) -> bytes:
    """The 32 bytes that a text states in hex or base64. Raises ConfigurationError naming the place, never the text."""
    stripped = text.strip()
    if len(stripped) == 2 * KEY_BYTES and _HEX.fullmatch(stripped):
        return bytes.fromhex(stripped)
    plain = stripped.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        root = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        root = b""
    if len(root) != KEY_BYTES:
        raise ConfigurationError(
            f"{place} must hold {KEY_BYTES} bytes in hex (64 characters) or base64 (44 characters). "
            "`openssl rand -hex 32` makes one for a new lake."
        )
    return root


def _to_text(keyring: Keyring) -> str:
    keys = [{"id": key.id, "key": key.key.hex()} for key in keyring.pseudonym_keys]
    return json.dumps({"engagedb_keyring": FORMAT, "root": keyring.root.hex(), "pseudonym_keys": keys}, indent=2) + "\n"


def _from_text(text: str, place: str) -> Keyring:
    try:
        stated = json.loads(text)
        version = stated["engagedb_keyring"]
        keys = tuple(PseudonymKey(str(key["id"]), bytes.fromhex(key["key"])) for key in stated["pseudonym_keys"])
        root = bytes.fromhex(stated["root"])
    except (ValueError, KeyError, TypeError):
        raise ConfigurationError(f"{place} is damaged. Restore it from its back-up.") from None
    if version != FORMAT:
        raise ConfigurationError(f"{place} was written by a newer version of engagedb. Upgrade engagedb.")
    if not keys or any(len(secret) != KEY_BYTES for secret in (root, *(key.key for key in keys))):
        raise ConfigurationError(f"{place} is damaged: its keys are not {KEY_BYTES} bytes. Restore it from its back-up.")
    return Keyring(root, keys)
