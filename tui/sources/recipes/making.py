"""A row and a recipe become a request."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from ...errors import UsageError
from ...model import ERROR, FILES, MAP, WARNING, Making, Recipe
from ..basics.items import Finding, Item, Row
from ..basics.naming import Namer
from ..files import folders
from . import loading
from .fields import TEXTS
from .templates import ROW, NotMade, Template, Writing, listed, written

_encode = msgspec.json.Encoder().encode

_HALF = Finding("It has half of a surrogate pair", "Remove it, or write the whole pair.")
_UNASKED = Finding(
    "A PDF or an image needs a prompt", "Say what to do with it: --prompt, or prompt in a recipe."
)
_UNREAD = Finding(
    "The text of the file is not in its request",
    "Put {{ text }} where it belongs, into the prompt or the system prompt.",
    severity=WARNING,
)


class Maker:
    """Makes requests as a recipe says; UsageError where it cannot make any. Not for two threads at once."""

    def __init__(self, making: Making, columns: Sequence[str] = (), kind: str = "") -> None:
        self.recipe = loading.load(making)
        self.betas = self.recipe.betas
        self.key = key(self.recipe)
        self._is_files = (kind or making.kind) == FILES if kind or making.kind else not columns
        self._columns = folders.COLUMNS if self._is_files else tuple(name.strip() for name in columns)
        # Those of files are written as they are called: `file.name` is the name within `file`.
        self._write: Writing = str if self._is_files else written
        _complete(self.recipe, self._is_files, self._columns)
        self._prompt = self._template("prompt")
        self._system = self._template("system")
        self._custom_id = self._template("custom_id")
        self._names = self._prompt.names | self._system.names
        # Files are called by their names, which need not be legal: answers find them by the origins.
        self._namer = Namer(MAP if self._is_files and not self.recipe.custom_id else making.ids)
        self._before, self._behind = self._constant()

    def items(self, rows: Iterable[Row]) -> Iterator[Item]:
        """One item a row; before them, a warning where all requests would be the same."""
        if not self._is_files and not self._names:
            remedy = f"Write {{{{ … }}}} where a cell shall stand. {listed(self._columns)}".strip()
            yield Item(0, b"", (Finding("All requests will be the same", remedy, severity=WARNING),))
        for row in rows:
            yield self.item(row)

    def item(self, row: Row) -> Item:
        """The request of a row, or why there is none."""
        findings = row.findings
        if row.columns and not any(each.severity == ERROR for each in findings):
            try:
                params = {**self._before, **self._of(row), **self._behind}
                custom_id, named = self._name(row)
                raw = _encode({"custom_id": custom_id, "params": params})
                return Item(row.line, raw, (*findings, *self._odd(row)), named, row.file)
            except NotMade as error:
                findings = (*findings, error.finding)
            except UnicodeEncodeError:
                findings = (*findings, _HALF)
        return Item(row.line, b"", findings, None, row.file)

    def _template(self, field: str) -> Template:
        return Template(getattr(self.recipe, field), TEXTS[field], self._columns, self._write)

    def _constant(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The params that every request has, encoded once: those before the messages, and those behind."""
        recipe = self.recipe
        before: dict[str, Any] = {"model": recipe.model, "max_tokens": recipe.max_tokens}
        if self._system.is_constant and (system := self._said_to_all()):
            before["system"] = self._marked(system)
        behind = {**_behind(recipe), **_merged(recipe)}
        return _encoded(before), _encoded(behind)

    def _said_to_all(self) -> str:
        """The system prompt where it is the same in every request."""
        try:
            return self._system.render({})
        except NotMade as error:
            raise UsageError(f"{error.finding.what}.", error.finding.remedy) from None

    def _of(self, row: Row) -> dict[str, Any]:
        """The params that differ from row to row."""
        params: dict[str, Any] = {}
        if not self._system.is_constant and (system := self._system.render(row.columns)):
            params["system"] = self._marked(system)
        if self.recipe.prompt:
            prompt = self._prompt.render(row.columns)
        elif row.blocks:
            raise NotMade(_UNASKED)
        else:
            prompt = row.columns["text"]
        content = [*row.blocks, {"type": "text", "text": prompt}] if row.blocks else prompt
        params["messages"] = [{"role": "user", "content": content}]
        return params

    def _marked(self, system: str) -> Any:
        if not self.recipe.cache:
            return system
        return [{"type": "text", "text": system, "cache_control": _cache_control(self.recipe.cache)}]

    def _name(self, row: Row) -> tuple[str, str | None]:
        """The custom_id, and what the source calls the row if that is not it."""
        if self.recipe.custom_id:
            wanted: str | None = self._custom_id.render(row.columns).strip()
            called = wanted or ""
        elif self._is_files:
            wanted, called = row.columns["file"]["stem"], row.columns["file"]["path"]
        else:
            wanted, called = None, str(row.number)
        custom_id, is_made = self._namer.name(wanted, row.number)
        return custom_id, called if is_made else None

    def _odd(self, row: Row) -> tuple[Finding, ...]:
        is_read = not self.recipe.prompt or self._names & {"text", ROW}
        return (_UNREAD,) if self._is_files and not row.blocks and not is_read else ()


def key(recipe: Recipe) -> str:
    """What a recipe asks, as a hash: without what only names, keeps or pays for the requests."""
    asked = (recipe.model, recipe.max_tokens, recipe.system, recipe.prompt, recipe.tools, recipe.tool_choice)
    more = (recipe.schema, recipe.thinking, recipe.params)
    return hashlib.sha256(msgspec.json.encode((*asked, *more), order="sorted")).hexdigest()


def _complete(recipe: Recipe, is_files: bool, columns: Sequence[str]) -> None:
    """Raise UsageError where a recipe does not say enough for any request."""
    of = f"The recipe {recipe.name}" if recipe.name else "The recipe"
    needed = {"model": recipe.model, "max_tokens": recipe.max_tokens}
    missing = [name for name, value in needed.items() if not value]
    if missing:
        remedy = "Name them there, or with " + " and ".join(f"--{each.replace('_', '-')}" for each in missing)
        raise UsageError(f"{of} has no {' and no '.join(missing)}.", f"{remedy}.")
    if not recipe.prompt and not is_files:
        remedy = "Write a prompt with {{ … }} where a cell shall stand, there or with --prompt."
        raise UsageError(f"{of} has no prompt.", f"{remedy} {listed(columns)}".strip())


def _behind(recipe: Recipe) -> dict[str, Any]:
    """The params behind the messages that a recipe has fields for."""
    behind: dict[str, Any] = {}
    if recipe.tools:
        tools = [dict(tool) for tool in recipe.tools]
        if recipe.cache and not recipe.system:  # a mark on the system prompt covers the tools before it
            tools[-1].setdefault("cache_control", _cache_control(recipe.cache))
        behind["tools"] = tools
    if recipe.tool_choice is not None:
        behind["tool_choice"] = recipe.tool_choice
    if recipe.thinking is not None:
        behind["thinking"] = recipe.thinking
    return behind


def _merged(recipe: Recipe) -> dict[str, Any]:
    """The further params, the schema among them."""
    params = dict(recipe.params)
    if recipe.schema is not None:
        config = params.get("output_config")
        form = {"format": {"type": "json_schema", "schema": recipe.schema}}
        params["output_config"] = {**(config if isinstance(config, Mapping) else {}), **form}
    return params


def _cache_control(cache: str) -> dict[str, str]:
    return {"type": "ephemeral"} if cache == "5m" else {"type": "ephemeral", "ttl": cache}


def _encoded(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: msgspec.Raw(_encode(value)) for name, value in params.items()}
