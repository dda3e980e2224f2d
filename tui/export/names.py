"""File names made of custom_ids: harmless on every system, and no two alike."""

from __future__ import annotations

import hashlib

LONGEST = 120
"""Characters of a name without its suffix; file systems allow some 255 bytes."""

_PLAIN = frozenset("-_.")
_DEVICES = frozenset(
    ("con", "prn", "aux", "nul", *(f"{kind}{n}" for kind in ("com", "lpt") for n in range(10)))
)
"""Names that Windows keeps for devices, with whatever suffix."""


def file_stem(custom_id: str) -> str:
    """A name without suffix: ASCII letters, digits, `-`, `_` and inner dots stay, the rest is %XX."""
    quoted = "".join(
        sign if sign.isascii() and (sign.isalnum() or sign in _PLAIN) else f"%{ord(sign):02X}"
        for sign in custom_id
    )
    # Hidden files and folders above begin with a dot; Windows drops one at the end.
    bare = quoted.strip(".")
    if bare != quoted:
        before = len(quoted) - len(quoted.lstrip("."))
        quoted = "%2E" * before + bare + "%2E" * (len(quoted) - len(bare) - before if bare else 0)
    if quoted.split(".", 1)[0].casefold() in _DEVICES:
        quoted = "%" + quoted
    if len(quoted) > LONGEST:
        digest = hashlib.sha256(custom_id.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        quoted = f"{quoted[: LONGEST - 17]}%{digest}"
    return quoted


class Names:
    """Hands out names that differ in more than their case, as many file systems need it."""

    def __init__(self) -> None:
        # Numbers for names: a tenth of the memory of the names of a million answers.
        self._taken: set[int] = set()
        self._last: dict[int, int] = {}

    def take(self, custom_id: str, line: int) -> str:
        """A name for this result that nobody has; one without custom_id is called by its line."""
        stem = file_stem(custom_id) if custom_id else f"line-{line + 1}"
        name, key = stem, hash(stem.casefold())
        number = self._last.get(key, 1)
        while hash(name.casefold()) in self._taken:
            number += 1
            name = f"{stem}~{number}"
        if number > 1:
            self._last[key] = number
        self._taken.add(hash(name.casefold()))
        return name
