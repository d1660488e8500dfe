"""A lake: the folder or s3:// prefix that holds the tables, opened through its own Iceberg catalog.

lake.json            manifest (lake/manifest.py)
catalog.db           SQLite catalog of a folder lake; an s3:// lake names its catalog in the settings
warehouse/<table>/   data and metadata files
lease.lock/.json     who commits now (lake/lease.py)
"""

from __future__ import annotations

import uuid
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engagedb.errors import ConfigurationError, LakeError
from engagedb.settings import Settings
from lake.bucket import bucket_filesystem, s3_client, split_uri
from lake.failures import telling_damage, telling_lake_errors
from lake.manifest import Manifest, map_location, program_version, read_manifest, write_manifest
from lake.tables import NAMESPACE, create_tables
from transforms.pseudonyms import Keyring

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem
    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table

LAKE_ID: Final = "engagedb.lake-id"
_SQL_CATALOG: Final = "lake.sql_catalog.RememberingSqlCatalog"


class Lake:
    """An open lake. `root` is where it is now (absolute path or s3:// URL without a slash at its end)."""

    def __init__(self, root: str, manifest: Manifest, settings: Settings, *, was_created: bool = False) -> None:
        self.root = root
        self.manifest = manifest
        self.settings = settings
        self.was_created = was_created

    @staticmethod
    def create(settings: Settings, keyring: Keyring) -> Lake:
        """The lake of the settings, made if it is not there; `was_created` says which. A half-made lake is completed.

        Raises LakeError for a non-empty folder that is no lake and for a lake of another key.
        """
        root = _root(settings)
        manifest = read_manifest(root)
        was_created = manifest is None
        if manifest is None:
            _refuse_unless_empty(root)
            manifest = write_manifest(
                root,
                Manifest(
                    lake_id=uuid.uuid4().hex,
                    location=root if root.startswith("s3://") else f"file://{root}",
                    catalog=catalog_name(root, settings),
                    key_check=keyring.key_check(),
                    created_by=program_version(),
                    format=2 if keyring.email_ignores else 1,
                    email_ignores=tuple(sorted(keyring.email_ignores)),
                ),
            )
        lake = Lake(root, manifest, settings, was_created=was_created)
        lake.check_key(keyring)
        lake._refuse_foreign_catalog()
        lake._prepare()
        return lake

    @staticmethod
    def open(settings: Settings) -> Lake:
        """The lake of the settings. Raises LakeError when it is missing, newer than this program or of another catalog."""
        root = _root(settings)
        manifest = read_manifest(root)
        if manifest is None:
            raise LakeError(f"There is no lake at {root}. Run engagedb init, or name another place with --lake.")
        lake = Lake(root, manifest, settings)
        lake._refuse_foreign_catalog()
        return lake

    @staticmethod
    def is_there(settings: Settings) -> bool:
        """True for a lake, false for a place where one can be made. Raises LakeError for a non-empty folder that is no lake."""
        root = _root(settings)
        if read_manifest(root) is not None:
            return True
        _refuse_unless_empty(root)
        return False

    @property
    def is_folder(self) -> bool:
        return not self.root.startswith("s3://")

    def check_key(self, keyring: Keyring) -> None:
        """Raises LakeError unless the lake was made with this root secret and these rules for addresses: else persons never join."""
        if keyring.key_check() != self.manifest.key_check:
            raise LakeError(f"The key does not belong to the lake at {self.root}. Use the key file that engagedb init made for it.")
        if keyring.email_ignores != set(self.manifest.email_ignores):
            made, now = (",".join(sorted(parts)) or "nothing" for parts in (self.manifest.email_ignores, keyring.email_ignores))
            raise LakeError(
                f"The lake at {self.root} was made with ENGAGEDB_EMAIL_IGNORES={made}, and here it is {now}: the same person would get "
                "another pseudonym. Set it as it was (unset for nothing), or make another lake."
            )

    def table(self, name: str) -> Table:
        """The newest state of a table; PyIceberg tables do not follow later commits by themselves."""
        from pyiceberg.exceptions import NoSuchTableError

        with telling_damage(f"the table {name} in {self.root}"):
            try:
                return self.catalog.load_table((NAMESPACE, name))
            except NoSuchTableError:
                raise LakeError(f"The lake at {self.root} has no table {name}. Run engagedb init again to complete it.") from None
            except FileNotFoundError:
                raise LakeError(f"A metadata file of table {name} is missing in {self.root}. Restore the lake from a backup.") from None

    def has_table(self, name: str) -> bool:
        """False for a table that a later version of engagedb added; `complete` makes it."""
        with telling_lake_errors(self.root):
            return self.catalog.table_exists((NAMESPACE, name))

    def complete(self) -> None:
        """Makes the tables, and the columns of tables, that this lake does not have yet."""
        with telling_lake_errors(self.root):
            create_tables(self.catalog, f"{self.manifest.location}/warehouse")

    def physical(self, location: str) -> str:
        """Where a file of the tables is now: a path, or an s3:// URL, from its address in the metadata."""
        if not self.is_folder:
            return location
        return map_location(location, self.manifest.location, self.root)

    @cached_property
    def filesystem(self) -> FileSystem:
        """The file system that holds the files; it takes `physical` addresses, those on S3 without `s3://`."""
        from pyarrow.fs import LocalFileSystem

        return LocalFileSystem() if self.is_folder else bucket_filesystem(split_uri(self.root)[0])

    @cached_property
    def catalog(self) -> Catalog:
        """The catalog of this lake. Raises LakeError when it is missing, damaged or belongs to another lake."""
        self.refuse_missing_catalog()
        with telling_lake_errors(self.root):
            catalog = self._connect(init=False)
            owner = _owner(catalog)
        self.refuse_owner(owner)
        return catalog

    def refuse_missing_catalog(self) -> None:
        """Raises LakeError for a folder lake without its catalog, before anybody makes an empty one."""
        if self.is_folder and not Path(self.root, "catalog.db").is_file():
            raise LakeError(f"{self.root}/catalog.db is missing, so the tables cannot be found. Restore it from a backup of the lake.")

    def refuse_owner(self, owner: str | None) -> None:
        """Raises LakeError unless the catalog names this lake as its own."""
        if owner != self.manifest.lake_id:
            told = "knows no lake yet" if owner is None else "belongs to another lake"
            raise LakeError(f"The catalog {self.manifest.catalog} {told}: {self.root}. Correct ENGAGEDB_CATALOG, or run engagedb init.")

    def _prepare(self) -> None:
        """Makes what is missing: the catalog, its namespace, the tables. Nothing that exists is changed."""
        with telling_lake_errors(self.root):
            catalog = self._connect(init=True)
            owner = _owner(catalog)
            if owner is None:
                catalog.create_namespace_if_not_exists(NAMESPACE, {LAKE_ID: self.manifest.lake_id})
            elif owner != self.manifest.lake_id:
                raise LakeError(f"The catalog {self.manifest.catalog} already serves another lake. Give {self.root} a catalog of its own.")
            create_tables(catalog, f"{self.manifest.location}/warehouse")

    def _connect(self, *, init: bool) -> Catalog:
        from pyiceberg.catalog import load_catalog
        from sqlalchemy.engine import URL

        if self.is_folder:
            url = URL.create("sqlite", database=f"{self.root}/catalog.db", query={"timeout": "60"})
            return load_catalog(
                NAMESPACE,
                **{
                    "py-catalog-impl": _SQL_CATALOG,
                    "uri": url.render_as_string(hide_password=False),
                    "init_catalog_tables": str(init).lower(),
                    "py-io-impl": "lake.relocate.RelocatingFileIO",
                    "engagedb.logical-root": self.manifest.location,
                    "engagedb.folder": self.root,
                },
            )
        setting = self.settings.catalog or ""
        kind = (
            {"type": "glue"}
            if setting == "glue"
            else {"py-catalog-impl": _SQL_CATALOG, "uri": setting, "init_catalog_tables": str(init).lower()}
        )
        return load_catalog(NAMESPACE, **kind, **{"py-io-impl": "lake.bucket_file_io.BucketFileIO"})

    def _refuse_foreign_catalog(self) -> None:
        named = catalog_name(self.root, self.settings)
        if named != self.manifest.catalog:
            raise LakeError(f"{self.root} was made with the catalog {self.manifest.catalog}, not {named}. Correct ENGAGEDB_CATALOG.")
        if not self.is_folder and self.manifest.location != self.root:
            raise LakeError(f"{self.root} is a copy of the lake at {self.manifest.location} and shares its catalog. Open that one instead.")


def _root(settings: Settings) -> str:
    place = settings.lake.rstrip("/") or settings.lake
    return place if place.startswith("s3://") else str(Path(place).expanduser().absolute())


def catalog_name(root: str, settings: Settings) -> str:
    """The catalog as the manifest records it: never with a password. Raises ConfigurationError when an s3:// lake names none."""
    if not root.startswith("s3://"):
        return "folder"
    if settings.catalog is None:
        raise ConfigurationError(f"The lake {root} needs a catalog. Set ENGAGEDB_CATALOG to glue or to an SQLAlchemy URL.")
    if settings.catalog == "glue":
        return "glue"
    from sqlalchemy.engine import URL, make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(settings.catalog)
    except ArgumentError:
        raise ConfigurationError("ENGAGEDB_CATALOG is neither glue nor an SQLAlchemy URL. Example: sqlite:////var/lib/catalog.db") from None
    return URL.create(url.drivername, host=url.host, port=url.port, database=url.database).render_as_string()


def _refuse_unless_empty(root: str) -> None:
    refusal = f"{root} is not empty and is no lake. Choose an empty place with --lake."
    if root.startswith("s3://"):
        bucket, prefix = split_uri(root)
        if s3_client().list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/" if prefix else "", MaxKeys=1).get("KeyCount", 0):
            raise LakeError(refusal)
        return
    try:
        Path(root).mkdir(parents=True, exist_ok=True)
        if any(Path(root).iterdir()):
            raise LakeError(refusal)
    except FileExistsError:
        raise LakeError(f"{root} is a file, not a folder. Choose another place with --lake.") from None
    except OSError as error:
        raise LakeError(f"A lake cannot be made at {root}: {error.strerror}. Choose a place that you may write to.") from None


def _owner(catalog: Catalog) -> str | None:
    from pyiceberg.exceptions import NoSuchNamespaceError

    try:
        return catalog.load_namespace_properties(NAMESPACE).get(LAKE_ID)
    except NoSuchNamespaceError:
        return None
