"""Small things of the interface that should be as they were when the program is opened again."""

from __future__ import annotations

from .database import Database


class Settings:
    """Names and texts; what the texts mean is the asker's business."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, name: str) -> str | None:
        """What was set last under this name."""
        row = await self._database.row("SELECT value FROM setting WHERE name = ?", name)
        return str(row[0]) if row else None

    async def set(self, name: str, value: str) -> None:
        """Keep a text under a name."""
        async with self._database.transaction() as transaction:
            await transaction.execute(
                "INSERT INTO setting (name, value) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                name,
                value,
            )
