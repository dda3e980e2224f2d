"""The yardstick of first paints: the smallest Textual program that shows 200 rows of a SQLite file."""

from __future__ import annotations

import sqlite3
import sys
from typing import Any

from textual.app import App, ComposeResult
from textual.widgets import DataTable

COLUMNS = ("label", "id", "state", "succeeded", "errored", "created")


class BareTable(App[None]):
    """One DataTable."""

    def compose(self) -> ComposeResult:
        """Nothing else."""
        yield DataTable()

    def on_mount(self) -> None:
        """Read and add the rows."""
        table: DataTable[Any] = self.query_one(DataTable)
        table.add_columns(*COLUMNS)
        connection = sqlite3.connect(sys.argv[1])
        rows = connection.execute(
            "SELECT text, id, state, succeeded, errored, datetime(created_at / 1000000, 'unixepoch')"
            " FROM batch LEFT JOIN label ON batch_id = id ORDER BY created_at DESC LIMIT 200"
        )
        table.add_rows([[str(value) for value in row] for row in rows])
        connection.close()


if __name__ == "__main__":
    BareTable().run()
