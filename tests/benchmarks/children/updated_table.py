"""The yardstick of repaints: a DataTable in which two cells of five rows are updated every second."""

from __future__ import annotations

from typing import Any

from textual.app import App, ComposeResult
from textual.widgets import DataTable

COLUMNS = ("state", "name", "requests", "processing", "succeeded", "errored", "created", "time", "left")


class UpdatedTable(App[None]):
    """One DataTable of 40 rows."""

    ticks = 0

    def compose(self) -> ComposeResult:
        """Nothing else."""
        yield DataTable()

    def on_mount(self) -> None:
        """Fill it, and begin to count."""
        table: DataTable[Any] = self.query_one(DataTable)
        for name in COLUMNS:
            table.add_column(name, key=name, width=11)
        for row in range(40):
            cells = (
                "● in_progress",
                f"batch {row:05d}",
                "900",
                "800",
                "100",
                "·",
                "12 Oct 08:15",
                "3m",
                "23h",
            )
            table.add_row(*cells, key=str(row))
        self.set_interval(1.0, self._tick)

    def _tick(self) -> None:
        self.ticks += 1
        table: DataTable[Any] = self.query_one(DataTable)
        for row in range(10, 15):
            table.update_cell(str(row), "processing", str(800 - self.ticks))
            table.update_cell(str(row), "succeeded", str(100 + self.ticks))


if __name__ == "__main__":
    UpdatedTable().run()
