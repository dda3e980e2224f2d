"""A text in the user's own editor, and recipes in files of the user's own."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from ..errors import UsageError
from ..text import clean

LONGEST = 1 << 20
"""Bytes of a recipe; a larger file is something else."""


def edit(app: App[Any], source: str, suffix: str = ".toml") -> str:
    """The text as the user's editor leaves it; UsageError where there is none, or its file is not text.

    Blocking: the editor has the terminal meanwhile.
    """
    handle, name = tempfile.mkstemp(suffix, "batchdeck-")
    path = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogatepass", newline="") as file:
            file.write(source)
        edit_file(app, path)
        return read(path)
    finally:
        with suppress(OSError):
            path.unlink()


def edit_file(app: App[Any], path: Path) -> None:
    """Hand the terminal over to the user's editor, and wait for it; UsageError where it does not end well."""
    try:
        with app.suspend():
            problem = _run(path)  # what is raised in here would leave the terminal as it is
    except SuspendNotSupported:
        raise UsageError("This terminal cannot be handed over to an editor.") from None
    if problem is not None:
        raise problem


def _run(path: Path) -> UsageError | None:
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        code = subprocess.run([*shlex.split(command), str(path)], check=False).returncode
    except (OSError, ValueError) as error:
        hint = "Set VISUAL or EDITOR to another one."
        return UsageError(f"The editor “{clean(command)}” could not be started: {error}", hint)
    return UsageError(f"The editor ended with code {code}: the text stays as it was.") if code else None


def read(path: Path) -> str:
    """A recipe's file as text. Blocking; UsageError where it cannot be one."""
    try:
        with path.open("rb") as file:
            raw = file.read(LONGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{clean(str(path))} cannot be read: {reason}.") from None
    if len(raw) > LONGEST:
        raise UsageError(f"{clean(path.name)} is too long for a recipe.", "A recipe is a small TOML file.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{clean(path.name)} is not UTF-8 text.", "Save it as UTF-8.") from None


def save(path: Path, source: str) -> None:
    """Write a recipe to a file. Blocking; UsageError where that does not work."""
    try:
        path.write_text(source, encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{clean(str(path))} cannot be written: {reason}.") from None
