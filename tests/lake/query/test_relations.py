"""Every relation of sql/ says what it means; names resolve with and without version."""

from __future__ import annotations

import csv
from pathlib import Path
from zoneinfo import available_timezones

import phonenumbers
import pytest
import yaml

from engagedb.errors import ConfigurationError
from lake.query.relations import FILTERS, Kind, Relation, Relations
from tests.canonical_rows import SQL
from transforms.vocabulary import OriginatorType

RELATIONS = Relations(SQL)
every_relation = pytest.mark.parametrize("relation", RELATIONS.values(), ids=list(RELATIONS))


@every_relation
def test_a_relation_says_its_grain_its_question_and_every_column(relation: Relation) -> None:
    assert relation.grain.startswith("one row per ")
    assert relation.question.endswith("?")
    assert relation.columns
    for column in (*relation.columns, *relation.dimensions):
        assert column.description, column.name
        if column.name.endswith("_rate"):
            assert column.unit == "0-1"
            assert (relation.denominators or {}).get(column.name), f"{column.name} names no denominator"
        if column.name.endswith(("_s", "_usd", "_count")) and column.type != "boolean":
            assert column.unit, f"{column.name} has no unit"


@every_relation
def test_a_mart_reads_one_relation_and_carries_its_version(relation: Relation) -> None:
    if relation.kind is Kind.MART:
        assert relation.name.rpartition("_v")[2].isdigit()
        assert relation.reads in RELATIONS
        others = set(RELATIONS) - {relation.reads}
        assert not [name for name in others if f"FROM {name}\n" in relation.query or f"JOIN {name}\n" in relation.query]


@every_relation
def test_the_parts_of_a_query_say_what_rows_they_hold(relation: Relation) -> None:
    lines = relation.query.splitlines()
    for number, line in enumerate(lines):
        if line.endswith(" AS ("):
            assert lines[number + 1].strip().startswith("-- "), f"{relation.name}:{number + 1}"


def test_core_relations_come_before_marts() -> None:
    kinds = [list(Kind).index(relation.kind) for relation in RELATIONS.values()]
    assert kinds == sorted(kinds)


def test_a_name_without_version_is_the_newest_one(tmp_path: Path) -> None:
    for version in (1, 2, 10):
        folder = tmp_path / f"volume_v{version}"
        folder.mkdir()
        (folder / "metadata.yaml").write_text("{kind: mart, grain: one row per day, question: 'How many?', reads: events}")
    relations = Relations(tmp_path)
    assert relations.resolve("volume").name == "volume_v10"
    assert relations.resolve("Volume_v2").name == "volume_v2"


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("mesages", "messages"),
        ("delivery_country", "delivery_by_country_v1"),
        ("feedback", "feedback_completion_v1"),
        ("protct_v1", "protect_v1"),
    ],
)
def test_a_misspelt_name_is_answered_with_the_nearest(typo: str, meant: str) -> None:
    with pytest.raises(ConfigurationError, match=f"There is no relation {typo}. Did you mean .*{meant}"):
        RELATIONS.resolve(typo)


def test_a_name_like_nothing_is_answered_with_all_names() -> None:
    with pytest.raises(ConfigurationError, match=r"The relations are ait_scores_v1, .*protect_v1"):
        RELATIONS.resolve("xyzzy")


def test_unusable_metadata_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "broken_v1").mkdir()
    (tmp_path / "broken_v1" / "metadata.yaml").write_text("kind: heap")
    with pytest.raises(ConfigurationError, match=r"broken_v1/metadata\.yaml is not usable"):
        Relations(tmp_path)


def test_a_missing_folder_names_the_setting() -> None:
    with pytest.raises(ConfigurationError, match="ENGAGEDB_SQL"):
        Relations(Path("/no/such/folder"))


def test_countries_cover_every_number_plan_and_are_distinct() -> None:
    with (SQL / "reference" / "countries.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    codes = [row["country"] for row in rows]
    assert len(set(codes)) == len(codes) == 252
    assert codes == sorted(codes)
    numerics = [row["numeric"] for row in rows if row["numeric"]]
    assert len(set(numerics)) == len(numerics) == 249
    assert all(len(numeric) == 3 and numeric.isdigit() for numeric in numerics)
    assert set(phonenumbers.SUPPORTED_REGIONS) <= set(codes)
    assert {row["region"] for row in rows} == {"Africa", "Americas", "Antarctica", "Asia", "Europe", "Oceania"}
    assert next(row for row in rows if row["country"] == "BR") == {
        "country": "BR",
        "numeric": "076",
        "name": "Brazil",
        "region": "Americas",
    }


def test_receipt_trust_knows_every_channel_and_three_words() -> None:
    with (SQL / "reference" / "receipt_trust.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["channel"] for row in rows if not row["recipient_country"]} == {"sms", "mms", "voice", "rcs", "email", "whatsapp"}
    assert {row["receipt_trust"] for row in rows} <= {"handset", "carrier", "none"}


def test_a_country_with_a_time_zone_is_a_country_and_its_zone_exists() -> None:
    with (SQL / "reference" / "time_zones.csv").open(encoding="utf-8", newline="") as file:
        zones = {row["country"]: row["time_zone"] for row in csv.DictReader(file)}
    with (SQL / "reference" / "countries.csv").open(encoding="utf-8", newline="") as file:
        assert set(zones) <= {row["country"] for row in csv.DictReader(file)}
    assert set(zones.values()) <= available_timezones()
    assert "US" not in zones


def test_every_type_of_originator_is_described() -> None:
    with (SQL / "reference" / "originator_types.csv").open(encoding="utf-8", newline="") as file:
        assert [row["originator_type"] for row in csv.DictReader(file)] == list(OriginatorType)


@pytest.mark.parametrize(
    ("source", "channel"),
    [("sms", "sms"), ("mms", "mms"), ("rcs", "rcs"), ("voice", "voice"), ("ses", "email"), ("whatsapp_status", "whatsapp")],
)
def test_every_word_that_a_template_knows_is_described_with_its_stage(source: str, channel: str) -> None:
    template = yaml.safe_load((SQL.parent / "templates" / source / "template.yaml").read_text(encoding="utf-8"))
    stages = {word: stage for word, stage in template["lookups"]["stages"].items() if word != "default"}
    with (SQL / "reference" / "status_descriptions.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["channel"] == channel]
    assert {row["event_type"]: row["stage"] for row in rows} == stages
    assert all(row["meaning"] and row["what_to_do"] for row in rows)


def test_every_mart_takes_a_window_and_every_filter_that_its_rows_can_tell() -> None:
    """Notices know no country, tenant or use case; the scores of AIT say themselves what they take."""
    marts = [relation for relation in Relations(SQL).values() if relation.kind is Kind.MART and not relation.name.startswith("ait_")]
    assert [relation.name for relation in marts if relation.time is None] == []
    assert [relation.name for relation in marts if set(relation.filters) != set(FILTERS)] == ["registrations_v1"]
