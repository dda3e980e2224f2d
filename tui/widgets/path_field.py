"""A field for paths that are completed from the disk, and the tree to choose them from."""

from __future__ import annotations

import asyncio
import os

from rich.text import Text, TextType
from textual import events
from textual.suggester import Suggester
from textual.widgets import DirectoryTree

from .. import text
from .field import Field


class PathSuggester(Suggester):
    """Completes paths from the disk, looked up in a thread; of several the last one."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """The first entry that goes on as the user began."""
        return await asyncio.to_thread(completion, value) if value else None


def completion(value: str) -> str | None:
    """The field with its last path gone on; None where nothing fits. Looks at the disk."""
    before, sign, last = value.rpartition(";")
    said = last.lstrip(" ")
    found = _completed(said) if said else None
    return None if found is None else f"{before}{sign}{last[: len(last) - len(said)]}{found}"


def _completed(value: str) -> str | None:
    folder, start = os.path.split(value)
    try:
        with os.scandir(os.path.expanduser(folder) or ".") as found:
            names = sorted(
                entry.name + ("/" if entry.is_dir() else "")
                for entry in found
                if entry.name.startswith(start)
                and (start or not entry.name.startswith("."))
                and text.clean(entry.name) == entry.name  # nobody could type the others
            )
    except (OSError, ValueError):  # NUL and lone surrogates are no names
        return None
    return os.path.join(folder, names[0]) if names and names[0] != start else None


class PathField(Field):
    """Of several lines that are pasted each is a path; Textual's Input would drop all but the first."""

    def on_paste(self, event: events.Paste) -> None:
        """Put what separates paths between them."""
        event.text = ";".join(line for line in event.text.splitlines() if line.strip())


class FileTree(DirectoryTree):
    """Shows names as what they are; a file's name may hold anything."""

    def process_label(self, label: TextType) -> Text:
        """A name on one line, harmless."""
        return Text(text.clean(str(label)))
