"""Functions, and the web search, as tools of the Messages API."""

from __future__ import annotations

import re
from typing import Any

from ..basics.items import Path
from .notes import Notes, rest, says, shown
from .schema import StrictSchema

Tool = dict[str, Any]

SEARCH = "web_search_20250305"
"""Claude's own search in its plainest form, which every model has that can search (SDK, `ToolUnionParam`)."""

_NATIVE = re.compile(r"\w+_\d{8}|mcp_toolset").fullmatch
"""Types of tools of the Messages API's own: all but one end with a date."""
_SEARCHES = ("web_search", "web_search_preview")
_FUNCTION = frozenset({"name", "description", "parameters", "strict"})
_AROUND = frozenset({"type", "function", "cache_control"})
_SEARCH = frozenset({"type", "user_location", "filters"})
_PLACE = ("city", "country", "region", "timezone")
_LOCATION = frozenset({"type", "approximate", *_PLACE})


class Tools:
    """The tools of a body, ported."""

    def __init__(self, body: dict[str, Any], path: Path, notes: Notes) -> None:
        self._body = body
        self._path = path
        self._notes = notes
        self.tools = self._tools()

    def _tools(self) -> list[Tool]:
        found: list[Tool | None] = []
        for key in ("tools", "functions"):
            value = self._body.get(key)
            if not says(value):
                continue
            path = (*self._path, key)
            if isinstance(value, list):
                found += [self._tool(each, (*path, number)) for number, each in enumerate(value)]
            else:
                self._notes.wrong(path, key, "a list", value)
        options = self._body.get("web_search_options")
        if options is not None:
            found.append(self._search(options, (*self._path, "web_search_options")))
        return [tool for tool in found if tool is not None]

    def _tool(self, tool: object, path: Path) -> Tool | None:
        if not isinstance(tool, dict):
            self._notes.wrong(path, "A tool", "an object", tool)
            return None
        named = tool.get("type", "function" if "input_schema" not in tool else None)
        if "input_schema" in tool or (isinstance(named, str) and _NATIVE(named)):
            return tool
        if named == "function":
            return self._function(tool, path)
        if isinstance(named, str) and named.startswith(_SEARCHES):
            return self._search(tool, path)
        remedy = "Take it out: only functions and the web search can be ported."
        self._notes.error(path, f"A tool of type {shown(named)} has no counterpart", remedy)
        return None

    def _function(self, tool: Tool, path: Path) -> Tool | None:
        rest(tool, _AROUND if "function" in tool else _AROUND | _FUNCTION, path, self._notes, "a tool")
        inner = tool.get("function", tool)
        if not isinstance(inner, dict):
            self._notes.wrong((*path, "function"), "The function of a tool", "an object", inner)
            return None
        if inner is not tool:
            path = (*path, "function")
            rest(inner, _FUNCTION, path, self._notes, "a function")
        name, strict = inner.get("name"), self._notes.flag(inner, "strict", path) is True
        if not isinstance(name, str) or not name:
            self._notes.error(path, "A function has no name")
            return None
        found: Tool = {"name": name}
        if description := self._notes.text(inner, "description", path, "The description of a function"):
            found["description"] = description
        found["input_schema"] = self._schema(inner.get("parameters"), (*path, "parameters"), strict)
        if strict:
            found["strict"] = True
        if isinstance(tool.get("cache_control"), dict):
            found["cache_control"] = tool["cache_control"]
        return found

    def _schema(self, schema: object, path: Path, strict: bool) -> dict[str, Any]:
        if not says(schema):
            return {"type": "object", "properties": {}}
        if not isinstance(schema, dict) or schema.get("type", "object") != "object":
            self._notes.error(path, "The parameters of a function must be the schema of an object")
            return {}
        whole = {"type": "object", **schema}
        return StrictSchema().turn(whole, path, self._notes) if strict else whole

    def _search(self, options: object, path: Path) -> Tool | None:
        if not isinstance(options, dict):
            self._notes.wrong(path, "The web search", "an object", options)
            return None
        rest(options, _SEARCH, path, self._notes, "the web search")
        self._notes.warn(path, "The web search became Claude’s own", "Each search is paid for.")
        found: Tool = {"type": SEARCH, "name": "web_search"}
        filters = self._part(options, "filters", path)
        rest(filters, frozenset({"allowed_domains"}), (*path, "filters"), self._notes, "the web search")
        if says(filters.get("allowed_domains")):
            found["allowed_domains"] = filters["allowed_domains"]
        place = self._part(options, "user_location", path)
        near = self._part(place, "approximate", (*path, "user_location")) or place
        for part in (place,) if near is place else (place, near):
            rest(part, _LOCATION, (*path, "user_location"), self._notes, "the web search")
        if near:
            known = {key: near[key] for key in _PLACE if says(near.get(key))}
            found["user_location"] = {"type": "approximate", **known}
        return found

    def _part(self, owner: dict[str, Any], key: str, path: Path) -> dict[str, Any]:
        """An object inside another; empty where there is none."""
        value = owner.get(key)
        if isinstance(value, dict):
            return value
        if says(value):
            self._notes.wrong((*path, key), key, "an object", value)
        return {}
