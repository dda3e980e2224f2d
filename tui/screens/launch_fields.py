"""What is typed into the fields of a launch, understood: paths, a number of tokens, a map of models."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from ..errors import UsageError

MOST_TOKENS = 10_000_000
"""A larger `max_tokens` is a slip of the finger."""


def split_paths(
    said: str, picked: Mapping[str, Path], exists: Callable[[str], bool] = os.path.lexists
) -> tuple[Path, ...]:
    """The paths of a field: several with `;` between them, unless all of it is the name of one.

    Looks at the disk.
    """
    if said in picked:
        return (picked[said],)
    if ";" not in said or _exists(os.path.expanduser(said.strip()), exists):
        return (_path(said, picked),) if said.strip() else ()
    return tuple(_path(part, picked) for part in said.split(";") if part.strip())


def _exists(path: str, exists: Callable[[str], bool]) -> bool:
    try:
        return exists(path)
    except ValueError:  # NUL and lone surrogates are in no name
        return False


def _path(said: str, picked: Mapping[str, Path]) -> Path:
    return picked.get(said.strip()) or Path(os.path.expanduser(said.strip()))


def tokens(said: str) -> int:
    """The number in the field for max_tokens; 0: nothing is said there."""
    plain = said.strip().replace(",", "").replace("_", "")
    if not plain:
        return 0
    if not (plain.isascii() and plain.isdigit()) or not 1 <= int(plain[:9]) <= MOST_TOKENS:
        raise UsageError(
            "max_tokens is not a number of tokens.", "Write for example 1024, or leave it empty."
        )
    return int(plain[:9])


def model_map(said: str) -> tuple[tuple[str, str], ...]:
    """`a=b, c=d` as pairs."""
    pairs = []
    for part in said.replace(";", ",").split(","):
        left, sign, right = (piece.strip() for piece in part.partition("="))
        if not part.strip():
            continue
        if not (left and sign and right):
            raise UsageError(
                "The map of models is not understood.",
                "Write gpt-4o-mini=claude-haiku-5-5, with , between pairs.",
            )
        pairs.append((left, right))
    return tuple(pairs)
