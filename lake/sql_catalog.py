"""PyIceberg's SQL catalog, which parses a metadata file again for each of the dozen times that a commit asks for its table."""

from __future__ import annotations

from typing import Any

from cachetools import LRUCache
from pyiceberg.catalog.sql import IcebergTables, SqlCatalog
from pyiceberg.table import CommitTableResponse, Table
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.table.update import TableRequirement, TableUpdate


class RememberingSqlCatalog(SqlCatalog):
    """Remembers the newest metadata files that it read or wrote. They never change: the catalog's row says which one is valid."""

    def __init__(self, name: str, **properties: str) -> None:
        super().__init__(name, **properties)
        self._known: LRUCache[str, TableMetadata] = LRUCache(maxsize=8)

    def commit_table(
        self, table: Table, requirements: tuple[TableRequirement, ...], updates: tuple[TableUpdate, ...]
    ) -> CommitTableResponse:
        response = super().commit_table(table, requirements, updates)
        self._known[response.metadata_location] = response.metadata
        return response

    def _convert_orm_to_iceberg(self, orm_table: IcebergTables) -> Table:
        location: Any = orm_table.metadata_location
        metadata = self._known.get(location)
        if metadata is None:
            loaded = super()._convert_orm_to_iceberg(orm_table)
            self._known[location] = loaded.metadata
            return loaded
        namespace: Any = orm_table.table_namespace
        return Table(
            identifier=(*self.identifier_to_tuple(namespace), str(orm_table.table_name)),
            metadata=metadata,
            metadata_location=location,
            io=self._load_file_io(metadata.properties, location),
            catalog=self,
        )
