"""A PyIceberg transaction that does not slow down as the history of a table grows."""

from __future__ import annotations

from pyiceberg.table import Table, Transaction
from pyiceberg.table.metadata import TableMetadata


class CachedTransaction(Transaction):
    """Reads the staged metadata once per change. PyIceberg copies it deeply, all snapshots included, at each of a dozen reads."""

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self._seen = (self._updates, table.metadata)

    @property
    def table_metadata(self) -> TableMetadata:
        if self._seen[0] is not self._updates:
            self._seen = (self._updates, super().table_metadata)
        return self._seen[1]
