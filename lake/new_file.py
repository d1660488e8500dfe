"""One new data file, as PyIceberg would write it. What PyIceberg works out anew for every file is worked out once for each schema.

Small files cost as much of that as large ones, and a commit writes some fifteen.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from cachetools import LRUCache
from pyiceberg.io.pyarrow import (
    MetricModeTypes,
    MetricsMode,
    StatisticsCollector,
    compute_statistics_plan,
    data_file_statistics_from_parquet_metadata,
    parquet_path_to_id_mapping,
)
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.table.locations import load_location_provider
from pyiceberg.typedef import Record
from pyiceberg.types import ListType, MapType

from lake.tables import PROPERTIES
from transforms import canonical

if TYPE_CHECKING:
    from pyiceberg.partitioning import PartitionKey
    from pyiceberg.table import Table
    from pyiceberg.types import NestedField

_UNIQUE: Final = frozenset({canonical.Privacy.KEYED, canonical.Privacy.MESSAGE_ID})
_WRITE: Final = "write."
_CODEC: Final = "write.parquet.compression-codec"
_NONE: Final = MetricsMode(MetricModeTypes.NONE)
_ROW_GROUP: Final = "write.parquet.row-group-limit"


@dataclass(frozen=True, slots=True)
class _Form:
    """How the files of a table are written: their schema with the ids of its columns, and the statistics that the table wants.

    `bounded` are the leaves whose bounds the file itself tells: those of the table's statistics, what the rows are sorted by, and
    the times that every row has. By the others nobody passes over a file: they hold all values alike, or few.
    """

    schema: pa.Schema
    dictionaries: list[str]
    bounded: list[str]
    statistics: dict[int, StatisticsCollector]
    ids: dict[str, int]


_forms: Final[LRUCache[tuple[Any, ...], _Form]] = LRUCache(64)
_forming: Final = Lock()


def write_file(table: Table, definition: canonical.Table, pieces: Iterable[pa.Table], partition: PartitionKey | None) -> DataFile:
    """The file that now holds the rows of the pieces, one after the other; columns that the table does not have are left out."""
    form, properties = _form(table, definition), PROPERTIES | table.metadata.properties
    place = load_location_provider(table_location=table.metadata.location, table_properties=properties)
    path = place.new_data_location(f"{uuid.uuid4()}.parquet", partition)
    output = table.io.new_output(path)
    with (
        output.create(overwrite=True) as stream,
        pq.ParquetWriter(
            stream,
            form.schema,
            compression=properties[_CODEC],
            store_decimal_as_integer=True,
            use_dictionary=form.dictionaries,
            write_statistics=form.bounded,
        ) as writer,
    ):
        for rows in pieces:
            writer.write_table(rows.select(form.schema.names), int(properties[_ROW_GROUP]))
    statistics = data_file_statistics_from_parquet_metadata(writer.writer.metadata, form.statistics, form.ids)
    return DataFile.from_args(
        content=DataFileContent.DATA,
        file_path=path,
        file_format=FileFormat.PARQUET,
        partition=partition.partition if partition else Record(),
        file_size_in_bytes=len(output),
        sort_order_id=None,
        spec_id=table.metadata.default_spec_id,
        equality_ids=None,
        key_metadata=None,
        **statistics.to_serialized_dict(),
    )


def _form(table: Table, definition: canonical.Table) -> _Form:
    properties, schema = table.metadata.properties, table.schema()
    state = (table.metadata.table_uuid, schema.schema_id, *sorted(item for item in properties.items() if item[0].startswith(_WRITE)))
    with _forming:
        form = _forms.get(state)
        if form is None:
            columns = pa.schema([_with_id(definition.schema.field(field.name), field) for field in schema.fields])
            repeated = [path for field in columns for path in _repeated(definition.column(field.name))]
            statistics, ids = compute_statistics_plan(schema, properties), parquet_path_to_id_mapping(schema)
            told = {*definition.sort_by, *(c.name for c in definition.columns if c.required and c.type == canonical.TIMESTAMP)}
            bounded = [path for path, number in ids.items() if statistics[number].mode != _NONE or path in told]
            form = _Form(columns, repeated, bounded, statistics, ids)
            _forms[state] = form
    return form


def _repeated(column: canonical.Column) -> list[str]:
    """Its leaves whose values come again. A dictionary of ids, times or numbers takes longer to make than it saves."""
    if column.type == canonical.MAP:
        return [f"{column.name}.key_value.{leaf}" for leaf in ("key", "value")]
    return [column.name] if column.type == canonical.STRING and column.privacy not in _UNIQUE else []


def _with_id(field: pa.Field, stored: NestedField) -> pa.Field:
    kind = stored.field_type
    if isinstance(kind, MapType):
        field = field.with_type(pa.map_(_with_id(field.type.key_field, kind.key_field), _with_id(field.type.item_field, kind.value_field)))
    elif isinstance(kind, ListType):
        field = field.with_type(pa.list_(_with_id(field.type.value_field, kind.element_field)))
    return field.with_metadata({"PARQUET:field_id": str(stored.field_id)})
