"""The Iceberg tables of a lake, made from the canonical tables: schema, day partitions, sort order, properties."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Final

from transforms import canonical

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table

NAMESPACE: Final = "engagedb"

# A retried append would be rebased without our deduplication, so PyIceberg never retries: lake/commit.py does.
# Statistics of all columns would copy values of persons into manifests and slow planning; readers prune by day.
# Old metadata files are not needed for time travel, which the snapshots listed in the newest one serve.
PROPERTIES: Final = {
    "commit.retry.num-retries": "0",
    "commit.manifest-merge.enabled": "true",
    "commit.manifest.min-count-to-merge": "10",
    "write.delete.mode": "copy-on-write",
    "write.parquet.compression-codec": "zstd",
    "write.parquet.row-group-limit": "131072",
    "write.metadata.metrics.default": "none",
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "20",
}


def create_tables(catalog: Catalog, warehouse: str) -> None:
    """Makes the canonical tables that the catalog does not have yet, and the columns that a table of it lacks."""
    for table in canonical.TABLES.values():
        if catalog.table_exists((NAMESPACE, table.name)):
            _add_columns(catalog.load_table((NAMESPACE, table.name)), table)
            continue
        catalog.create_table_if_not_exists(
            identifier=(NAMESPACE, table.name),
            schema=_schema(table),
            location=f"{warehouse}/{table.name}",
            partition_spec=_partition_spec(table),
            sort_order=_sort_order(table),
            properties=PROPERTIES | {f"write.metadata.metrics.column.{name}": "full" for name in _with_statistics(table)},
        )


def lacks_columns(stored: Table, table: canonical.Table) -> bool:
    """True for a table of an earlier version; what is written to it then loses the columns that it does not know."""
    return not set(table.names) <= set(stored.schema().column_names)


def _add_columns(stored: Table, table: canonical.Table) -> None:
    if lacks_columns(stored, table):
        with stored.update_schema() as change:
            for column in table.columns:
                if column.name not in stored.schema().column_names:
                    change.add_column(column.name, _type(column.type, count(1)), doc=column.description)


def _with_statistics(table: canonical.Table) -> set[str]:
    """Columns that readers prune files by: none of them tells anything about a person."""
    return {name for name in table.names if name in (table.partition_by, "requested_at", "channel")}


def _schema(table: canonical.Table) -> Any:
    from pyiceberg.schema import Schema
    from pyiceberg.types import NestedField

    nested = iter(range(len(table.columns) + 1, 4 * len(table.columns)))
    return Schema(
        *(
            NestedField(number, column.name, _type(column.type, nested), required=column.required, doc=column.description)
            for number, column in enumerate(table.columns, start=1)
        )
    )


def _type(arrow: Any, nested: Any) -> Any:
    from pyiceberg import types

    plain = {
        canonical.STRING: types.StringType(),
        canonical.BOOL: types.BooleanType(),
        canonical.INT: types.LongType(),
        canonical.DOUBLE: types.DoubleType(),
        canonical.TIMESTAMP: types.TimestamptzType(),
        canonical.DATE: types.DateType(),
        canonical.MONEY: types.DecimalType(18, 8),
        canonical.BYTES: types.BinaryType(),
    }
    if arrow == canonical.MAP:
        return types.MapType(next(nested), types.StringType(), next(nested), types.StringType(), value_required=False)
    if arrow == canonical.DATES:
        return types.ListType(next(nested), types.DateType(), element_required=False)
    return plain[arrow]


def _source_id(table: canonical.Table, column: str) -> int:
    return table.names.index(column) + 1


def _partition_spec(table: canonical.Table) -> Any:
    from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC, PartitionField, PartitionSpec
    from pyiceberg.transforms import DayTransform

    if table.partition_by is None:
        return UNPARTITIONED_PARTITION_SPEC
    field = PartitionField(_source_id(table, table.partition_by), 1000, DayTransform(), f"{table.partition_by}_day")
    return PartitionSpec(field)


def _sort_order(table: canonical.Table) -> Any:
    from pyiceberg.table.sorting import UNSORTED_SORT_ORDER, SortField, SortOrder
    from pyiceberg.transforms import IdentityTransform

    if not table.sort_by:
        return UNSORTED_SORT_ORDER
    return SortOrder(*(SortField(_source_id(table, name), IdentityTransform()) for name in table.sort_by))
