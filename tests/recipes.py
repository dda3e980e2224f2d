"""What the tests of rows and recipes share: requests made of a few lines or files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tui.model import Making, Recipe
from tui.sources.basics.items import Item
from tui.sources.files.opening import open_source
from tui.sources.files.rows import rows
from tui.sources.recipes.making import Maker

Json = dict[str, Any]

MODEL = {"model": "claude-haiku-5-5", "max_tokens": 100}


def making(
    recipe: Path | str | None = None, *, kind: str = "", ids: str = "refuse", **options: Any
) -> Making:
    """What a user says, with options over the model that everybody names."""
    override = Recipe(**(options if recipe is not None else {**MODEL, **options}))
    return Making(kind=kind, recipe=recipe, ids=ids, override=override)


def made(paths: Sequence[Path] | Path, wish: Making) -> list[Item]:
    """All items of a source."""
    source = open_source([paths] if isinstance(paths, Path) else list(paths), wish)
    maker = Maker(wish, source.columns, source.kind)
    return list(maker.items(rows(source, wish)))


def requests(items: Sequence[Item]) -> list[Json]:
    return [json.loads(item.raw) for item in items if item.raw]


def prompts(items: Sequence[Item]) -> list[Any]:
    """What each request asks."""
    return [request["params"]["messages"][0]["content"] for request in requests(items)]


def told(items: Sequence[Item]) -> list[str]:
    """Every finding with its place, as a check would name it."""
    return [
        f"{item.file}:{item.line + each.line}: {each.severity}: {each.what} – {each.remedy}"
        for item in items
        for each in item.findings
    ]
