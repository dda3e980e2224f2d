"""The user's own settings: `config.toml`, validated; a mistake is named by file, line and key.

Beside them what the environment holds and nobody may see.
"""

from __future__ import annotations

import difflib
import math
import os
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from .errors import UsageError
from .text import clean

REFRESH_RANGE = (1.0, 3600.0)
"""Seconds between polls: faster would only annoy the service, slower is no longer live."""

MOST_BYTES = 1 << 20
"""A settings file larger than this is some other file."""


MOST_DOLLARS = 1_000_000_000
"""A limit over this is a slip of the finger."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What may be spent without a typed yes, in dollars; None: no limit."""

    launch: Decimal | None = None
    """By one launch, with all its parts."""
    day: Decimal | None = None
    """By everything that is sent from here on one day, of this machine's local time."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set in `config.toml`."""

    refresh: float = 10.0
    """Seconds between polls while something runs."""
    theme: str = ""
    """Name of a theme; empty leaves it to the app."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Binding id → keys, separated by commas."""
    console_url: str = ""
    """Where `o` leads instead of the Console's own address; `{id}` stands for the batch."""
    spending: Spending = Spending()


DEFAULTS = Settings()
NAMES = tuple(Settings.__dataclass_fields__)


SECRETS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_IDENTITY_TOKEN")
"""Environment variables whose values must never be shown."""

_LOOKS_SECRET = re.compile(r"sk-ant-[\w-]+|(?<=Bearer )\S+")
_SECRET_HEADER = re.compile(r"auth|key|token|secret|cookie|password", re.IGNORECASE)
_SHORTEST_SECRET = 8


def without_secrets(text: str) -> str:
    """The text with every credential in it blotted out: a gateway may quote the one it was given."""
    for number in range(len(_secrets())):  # never by a name of its own, which a traceback could print
        text = text.replace(_secrets()[number], "[removed]")
    return _LOOKS_SECRET.sub("[removed]", text)


def _secrets() -> list[str]:
    values = [os.environ.get(name, "").strip() for name in SECRETS]
    for line in os.environ.get("ANTHROPIC_CUSTOM_HEADERS", "").splitlines():
        name, _, value = line.partition(":")
        if _SECRET_HEADER.search(name):
            values += value.split()
    return [value for value in values if len(value) >= _SHORTEST_SECRET]


def load(path: Path) -> Settings:
    """The settings of a file, or the defaults where there is none."""
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return DEFAULTS
    except OSError as error:
        raise UsageError(
            f"The settings in {clean(str(path))} cannot be read: {error.strerror}.",
            "Make the file readable, or move it away.",
        ) from None
    if len(raw) > MOST_BYTES:
        raise UsageError(f"{clean(str(path))} is too large for a settings file.", "Move it away.")
    return parse(raw, path)


def parse(raw: bytes, path: Path) -> Settings:
    """The settings in the bytes of a file; `path` is only for messages."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise UsageError(f"{clean(str(path))}:{line}: not UTF-8 text.", "Save the file as UTF-8.") from None
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _broken(path, text, str(error)) from None
    except RecursionError:
        raise UsageError(f"{clean(str(path))} is nested too deeply for a settings file.") from None
    place = _Place(path, text)
    for name in table:
        if name not in NAMES:
            raise place.error(name, f"there is no setting `{clean(name)}`", unknown(name, NAMES))
    return Settings(
        refresh=_refresh(table.get("refresh", DEFAULTS.refresh), place),
        theme=_word(table.get("theme", ""), "theme", place),
        keys=_keys(table.get("keys", {}), place),
        console_url=_url(table.get("console_url", ""), place),
        spending=_spending(table.get("spending", {}), place),
    )


def check_names(
    settings: Settings, path: Path, *, bindings: Collection[str] = (), themes: Collection[str] = ()
) -> None:
    """Compare ids and theme with what the app really has; an empty collection asks for nothing."""
    if themes and settings.theme and settings.theme not in themes:
        raise UsageError(
            f"{clean(str(path))}: theme: there is no theme `{clean(settings.theme)}`.",
            unknown(settings.theme, themes),
        )
    for name in settings.keys if bindings else ():
        if name not in bindings:
            raise UsageError(
                f"{clean(str(path))}: keys: there is no key binding `{clean(name)}`.", unknown(name, bindings)
            )


def unknown(name: str, known: Collection[str]) -> str:
    """What to say about a name that does not exist: the nearest ones, or all."""
    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.6)
    if near:
        return f"Did you mean {' or '.join(f'`{each}`' for each in near)}?"
    return f"Known are: {', '.join(sorted(known))}."


def refresh_seconds(value: float) -> float:
    """A sensible number of seconds between polls; ValueError with a sentence otherwise."""
    low, high = REFRESH_RANGE
    if not math.isfinite(value) or not low <= value <= high:
        raise ValueError(f"must be a number of seconds from {low:g} to {high:g}")
    return value


@dataclass(frozen=True, slots=True)
class _Place:
    """Knows where in the file a key stands, so that a complaint can say so."""

    path: Path
    text: str

    def line(self, key: str, table: str = "") -> int | None:
        """Line of `key`, within `[table]` if given; None where the spelling is too unusual to find."""
        wanted = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*[=.]|\s*\[\s*{re.escape(key)}[\s.\]]""")
        lines = self.text.splitlines()
        start = (self.line(table) or 1) if table else 1
        for number, line in enumerate(lines[start - 1 :], start):
            if wanted.match(line) or (
                table and re.search(rf"""[{{,]\s*["']?{re.escape(key)}["']?\s*=""", line)
            ):
                return number
        return None

    def error(self, key: str, what: str, remedy: str, table: str = "") -> UsageError:
        """A complaint about one key."""
        line = self.line(key, table)
        where = clean(str(self.path)) + (f":{line}" if line else "")
        full = f"{table}.{key}" if table else key
        return UsageError(f"{where}: {clean(full)}: {what}.", remedy)


def _broken(path: Path, text: str, message: str) -> UsageError:
    """TOML's own complaint, with its place in our form."""
    match = re.fullmatch(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", message, re.DOTALL)
    what = match.group(1) if match else message
    line = match.group(2) if match and match.group(2) else str(max(len(text.splitlines()), 1))
    return UsageError(
        f"{clean(str(path))}:{line}: not valid TOML: {clean(what)}.", 'A setting looks like `theme = "nord"`.'
    )


def _refresh(value: object, place: _Place) -> float:
    remedy = "Write for example `refresh = 10`."
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise place.error("refresh", "must be a number of seconds", remedy)
    try:
        return refresh_seconds(float(value))
    except (ValueError, OverflowError):
        low, high = REFRESH_RANGE
        raise place.error(
            "refresh", f"must be a number of seconds from {low:g} to {high:g}", remedy
        ) from None


def _word(value: object, name: str, place: _Place) -> str:
    if not isinstance(value, str):
        raise place.error(name, "must be text in quotation marks", f'Write for example `{name} = "…"`.')
    return value.strip()


def _url(value: object, place: _Place) -> str:
    url = _word(value, "console_url", place)
    if url and not re.match(r"https?://[^\s/]+", url):
        raise place.error("console_url", "must begin with https:// or http://", "Write the whole address.")
    return url


def _spending(value: object, place: _Place) -> Spending:
    if not isinstance(value, dict):
        raise place.error(
            "spending", "must be a table", "Write `[spending]`, and below it lines such as `launch = 50`."
        )
    names = Spending.__dataclass_fields__
    for name in value:
        if name not in names:
            raise place.error(name, f"there is no limit `{clean(name)}`", unknown(name, names), "spending")
    return Spending(**{name: _dollars(each, name, place) for name, each in value.items()})


def _dollars(value: object, name: str, place: _Place) -> Decimal:
    wrong = place.error(
        name,
        f"must be a number of dollars from 0 to {MOST_DOLLARS:,}",
        f"Write for example `{name} = 50`, without a sign.",
        "spending",
    )
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_DOLLARS:
        raise wrong
    return Decimal(str(value))


def _keys(value: object, place: _Place) -> dict[str, str]:
    if not isinstance(value, dict):
        raise place.error(
            "keys", "must be a table", 'Write `[keys]`, and below it lines such as `quit = "q"`.'
        )
    flat = _flat(value)
    for name, keys in flat.items():
        if not isinstance(keys, str) or not all(part.strip() for part in keys.split(",")):
            raise place.error(
                name, "must be one or several keys in quotation marks", f'Write `{name} = "f2,z"`.', "keys"
            )
    return {name: ",".join(part.strip() for part in str(keys).split(",")) for name, keys in flat.items()}


def _flat(table: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """An id with a dot in it reads as a table to TOML; here it is one name again."""
    flat: dict[str, object] = {}
    for name, value in table.items():
        if isinstance(value, dict) and value:
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value
    return flat
