"""Settings of engagedb: each works unset, each can be set as `ENGAGEDB_<NAME>` in the environment.

`Settings()` reads the environment once, in the command line or in `engagedb.open`; everything below gets values.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

DataFolder = Literal["templates", "sql"]
RETAINED: Final = ("events", "messages", "notices", "dead_letters", "ingest_log")


def data_folder(name: DataFolder) -> Path:
    """The folder of that name that engagedb ships: beside the packages, in a clone and in an installed wheel alike."""
    return Path(__file__).resolve().parent.parent / name


class LandingDefaults(BaseModel):
    """Account and region of landing objects whose records and envelopes name none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account_id: str | None = None
    region: str | None = None


class Settings(BaseSettings):
    """One sentence per setting says what it means."""

    model_config = SettingsConfigDict(env_prefix="ENGAGEDB_", extra="ignore")

    lake: str = Field("./lake", description="Folder or s3:// prefix that holds the tables.")
    key_file: str | None = Field(
        None,
        description="Keyring file, or `secretsmanager:NAME`, the ARN of a secret, `kms:CIPHERTEXT` or `kms:FILE`; by default `<lake>.key`"
        " beside a folder lake, `engagedb.key` here otherwise.",
    )
    pseudonym_key: SecretStr | None = Field(
        None, description="Root secret, 32 bytes in hex or base64, or the text of a key file, or a place as for the key file; wins over it."
    )
    catalog: str | None = Field(
        None, description="Catalog of an s3:// lake: `glue`, or an SQLAlchemy URL such as sqlite:////var/lib/engagedb/catalog.db."
    )
    templates: str | None = Field(None, description="Folder or s3:// prefix of templates that replaces the shipped one.")
    policy: Path | None = Field(None, description="YAML file of rules that are put over the shipped privacy policy.")
    sql: Path | None = Field(None, description="Folder of relations that replaces the shipped one.")
    account_id: str | None = Field(None, description="AWS account of landing data whose records and envelopes name none.")
    region: str | None = Field(None, description="AWS region of landing data whose records and envelopes name none.")
    landing: dict[str, LandingDefaults] = Field(
        default_factory=dict,
        description='Account and region by landing prefix, as JSON: {"s3://bucket/prefix/": {"account_id": "...", "region": "..."}}; the longest prefix wins.',
    )
    customer_id_keys: Annotated[tuple[str, ...], NoDecode] = Field(
        ("customerId",), description="Context and tag keys that hold the sender's own id of a person, comma-separated."
    )
    email_ignores: Annotated[frozenset[Literal["plus_tag", "gmail_dots"]], NoDecode] = Field(
        frozenset(),
        description="What does not tell two e-mail addresses apart: `plus_tag` (ana+news@ is ana@), `gmail_dots`, comma-separated; fixed when"
        " a lake is made.",
    )
    text_engine: Literal["none", "presidio", "comprehend"] = Field(
        "none",
        description="Engine that redacts texts beyond the built-in rules: `none`, `presidio` (extra presidio), `comprehend` (extra aws).",
    )
    text_models: Annotated[dict[str, str], NoDecode] = Field(
        {},
        description="spaCy model by language for presidio, installed packages or folders, such as `en=en_core_web_lg,es=es_core_news_md`.",
    )
    text_language: str | None = Field(
        None, description="Language of texts whose words do not show one, such as `en`; unset, the engine is not asked for these."
    )
    text_unit_price_usd: Decimal | None = Field(
        None, ge=0, description="Your price of a Comprehend unit of 100 characters, for estimates in dollars."
    )
    feedback_expected: bool = Field(False, description="True when every outbound SMS and MMS is sent with message feedback enabled.")
    raw_event: bool = Field(False, description="True keeps the whole redacted payload beside each row, at most 64 KB.")
    max_record_bytes: int = Field(16 * 1024 * 1024, gt=0, description="A longer record becomes a dead letter.")
    batch_records: int = Field(40_000, gt=0, description="Records that are committed together.")
    batch_seconds: int = Field(300, gt=0, description="Age at which `ingest --watch` commits a batch that has not reached that number.")
    allowed_lateness_s: int = Field(
        3600, ge=0, description="Seconds that an event may lie behind the newest one of its source and account before it counts as late."
    )
    retention_days: Annotated[dict[str, int], NoDecode] = Field(
        {},
        description="Days that `engagedb maintain` keeps of a table, such as `events=400,dead_letters=90`; a table that is not named keeps"
        " everything, and messages never outlive their events.",
    )

    @field_validator("key_file", mode="before")
    @classmethod
    def _read_place(cls, value: object) -> object:
        return str(value) if isinstance(value, Path) else value

    @field_validator("text_models", mode="before")
    @classmethod
    def _read_models(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        parts = [part.strip().partition("=") for part in value.split(",") if part.strip()]
        if not all(language and model for language, _, model in parts):
            raise ValueError("write it as en=en_core_web_lg,es=es_core_news_md")
        return {language.strip(): model.strip() for language, _, model in parts}

    @field_validator("retention_days", mode="before")
    @classmethod
    def _read_retention(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        parts = [part.strip().partition("=") for part in value.split(",") if part.strip()]
        if not all(days.isdecimal() for _, _, days in parts):
            raise ValueError("write it as events=400,dead_letters=90")
        return {name: int(days) for name, _, days in parts}

    @field_validator("retention_days")
    @classmethod
    def _check_retention(cls, value: dict[str, int]) -> dict[str, int]:
        for name, days in value.items():
            if name not in RETAINED:
                raise ValueError(f"{name} is none of {', '.join(RETAINED)}")
            if days < 1:
                raise ValueError(f"{name} must keep one day at least")
        return value

    @field_validator("customer_id_keys", "email_ignores", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @staticmethod
    def from_environment() -> Settings:
        """Settings as the environment states them. Raises ConfigurationError naming the variable that is wrong."""
        from pydantic import ValidationError

        from engagedb.errors import ConfigurationError

        try:
            return Settings()
        except ValidationError as error:
            first = error.errors()[0]
            name = "ENGAGEDB_" + "_".join(str(part) for part in first["loc"]).upper()
            raise ConfigurationError(f"{name} is not valid: {first['msg']}. Unset it or correct it.") from None

    def landing_defaults(self, uri: str) -> LandingDefaults:
        """Account and region of a landing object, by the longest of the stated prefixes that its name begins with."""
        for prefix in sorted(self.landing, key=len, reverse=True):
            if uri.startswith(prefix):
                stated = self.landing[prefix]
                return LandingDefaults(account_id=stated.account_id or self.account_id, region=stated.region or self.region)
        return LandingDefaults(account_id=self.account_id, region=self.region)

    @property
    def templates_location(self) -> str:
        return self.templates or str(data_folder("templates"))

    @property
    def sql_folder(self) -> Path:
        return self.sql or data_folder("sql")
