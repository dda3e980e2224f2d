"""A recipe's TOML file, read key by key; a mistake is named by file, line and key."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...errors import UsageError
from ...text import clean
from .fields import FILE_KEYS, JSON_KEYS, KEYS, Wrong, checked

MOST_BYTES = 4 << 20
"""A recipe, or a text beside it, that is larger than this is some other file."""


@dataclass
class RecipeFile:
    """The fields of a recipe, and where each of them stands."""

    path: Path
    shown: str
    """Its name in messages."""
    text: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    beside: dict[str, Path] = field(default_factory=dict)
    """By field, the file that its value is in."""

    def wrong(self, key: str, wrong: Wrong) -> UsageError:
        """A complaint about the value of a key."""
        key = next((name for name, of in FILE_KEYS.items() if of == key and key in self.beside), key)
        line = self._line(key)
        if wrong.key and line:
            line = self._line(wrong.key, line + 1) or line
        where = f"{self.shown}:{line}" if line else self.shown
        full = f"{key}.{wrong.key}" if wrong.key else key
        return UsageError(f"{where}: {clean(full)}: {clean(wrong.what)}.", clean(wrong.remedy))

    def wrong_text(self, key: str, below: int, what: str, remedy: str) -> UsageError:
        """A complaint about a line of a text, from 1."""
        if key in self.beside:
            return UsageError(f"{clean(str(self.beside[key]))}:{below}: {clean(what)}.", clean(remedy))
        line = self._line(key)
        if line:
            line += below - 1 + self._opens_below(line)
        where = f"{self.shown}:{line}" if line else self.shown
        return UsageError(f"{where}: {clean(key)}: {clean(what)}.", clean(remedy))

    def _line(self, key: str, start: int = 1) -> int:
        """The line of a key outside of all texts; 0 where its spelling is too unusual to find."""
        wanted = re.compile(
            rf"""\s*["']?{re.escape(key)}["']?\s*[=.]|\s*\[{{1,2}}\s*{re.escape(key)}[\s.\]]"""
        )
        fence = ""
        for number, line in enumerate(self.text.split("\n"), 1):
            if not fence and number >= start and wanted.match(line):
                return number
            for quotes in re.findall(r'"""|\'\'\'', line):
                fence = quotes if not fence else "" if quotes == fence else fence
        return 0

    def _opens_below(self, line: int) -> bool:
        """Whether the text of a key begins on the next line: TOML drops the first line feed."""
        return self.text.split("\n")[line - 1].rstrip().endswith(('"""', "'''"))


def read(path: Path) -> RecipeFile:
    """The fields of a recipe's file. Raises UsageError."""
    return parsed(_text(path, "a recipe"), path)


def parsed(text: str, path: Path) -> RecipeFile:
    """The fields of a recipe that is, or could be, in this file. Raises UsageError."""
    file = RecipeFile(path, clean(str(path)), text)
    for key, value in _table(file).items():
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, n=1)
            remedy = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(KEYS)}."
            raise file.wrong(key, Wrong("there is no such key", remedy))
        name = FILE_KEYS.get(key, key)
        if name in file.fields:
            raise file.wrong(key, Wrong(f"{name} is there already", "Keep one of the two."))
        try:
            file.fields[name] = checked(name, _beside(file, key, name, value) if key in FILE_KEYS else value)
        except Wrong as wrong:
            raise file.wrong(key, wrong) from None
        except RecursionError:
            raise file.wrong(key, Wrong("it is nested too deeply", "Make it simpler.")) from None
    return file


def _table(file: RecipeFile) -> dict[str, Any]:
    remedy = 'A key looks like model = "claude-haiku-5-5".'
    try:
        return tomllib.loads(file.text)
    except RecursionError:
        raise UsageError(f"{file.shown}: it is nested too deeply.", "Make it simpler.") from None
    except ValueError as error:  # TOML's own complaint, or a number of thousands of digits
        found = re.fullmatch(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", str(error), re.DOTALL)
        line = (found and found[2]) or file.text.rstrip().count("\n") + 1
        what = found[1] if found else str(error)
        raise UsageError(f"{file.shown}:{line}: not valid TOML: {clean(what)}.", remedy) from None


def _beside(file: RecipeFile, key: str, name: str, value: object) -> Any:
    """What is in the file that a key names."""
    if not isinstance(value, str) or not value.strip():
        raise Wrong("must be the name of a file", f'Write for example {key} = "{name}.md".')
    path = file.path.parent / Path(value).expanduser()
    file.beside[name] = path
    text = _text(path, f"a {name}")
    if name not in JSON_KEYS:
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"{clean(str(path))}:{error.lineno}:{error.colno}"
        raise UsageError(f"{where}: not JSON: {error.msg.lower()}.", "Mend it there.") from None


def _text(path: Path, what: str) -> str:
    shown = clean(str(path))
    try:
        with path.open("rb") as handle:
            raw = handle.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a file name"
        raise UsageError(f"{shown} cannot be read: {reason}.", "Look at the name.") from None
    if len(raw) > MOST_BYTES:
        raise UsageError(f"{shown} is too large for {what}.", "Name another file.")
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{shown}:{line}: not UTF-8 text.", "Save the file as UTF-8.") from None
