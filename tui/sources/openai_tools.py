"""Functions and the choice between them as tools of the Messages API."""

from __future__ import annotations

from typing import Any

from .openai_notes import Notes, rest, says, short
from .openai_places import Path
from .openai_schema import StrictSchema

Tool = dict[str, Any]

CHOICES = {"auto": "auto", "none": "none", "required": "any", "any": "any"}
SEARCH = "web_search_20250305"
"""Claude's own search in its plainest form, which every model has that can search (SDK, `ToolUnionParam`)."""

_SEARCHES = ("web_search", "web_search_preview")
_FUNCTION = frozenset({"name", "description", "parameters", "strict"})
_TOOL = _FUNCTION | {"type", "function", "cache_control"}
_SEARCH = frozenset({"type", "user_location", "filters"})
_PLACE = ("city", "country", "region", "timezone")


class Tools:
    """What a body says about tools, ported."""

    def __init__(self, body: dict[str, Any], path: Path, notes: Notes) -> None:
        self._body = body
        self._path = path
        self._notes = notes
        self.tools = self._tools()

    def choice(self) -> Tool | None:
        """Which tool is called, if any; None leaves it to the model."""
        key = "tool_choice" if says(self._body.get("tool_choice")) else "function_call"
        value, alone = self._body.get(key), self._body.get("parallel_tool_calls") is False
        path = (*self._path, key)
        if not self.tools:
            if says(value) and value not in ("none", "auto") and not self._notes.failed:
                self._notes.warn(path, f"{key} was left out", "There is no tool to choose.")
            return None
        found = self._choice(value, path) if says(value) else None
        if alone and (found is None or found.get("type") in ("auto", "any", "tool")):
            return {**(found or {"type": "auto"}), "disable_parallel_tool_use": True}
        return found

    def _choice(self, value: object, path: Path) -> Tool | None:
        if isinstance(value, str) and value in CHOICES:
            return {"type": CHOICES[value]}
        if isinstance(value, dict):
            named = value.get("function", value)
            if value.get("type") in ("auto", "any", "none", "tool"):
                return value  # as the Messages API has it
            known = value.get("type", "function") == "function" and isinstance(named, dict)
            if known and isinstance(named.get("name"), str):
                return {"type": "tool", "name": named["name"]}
        given = value.get("type") if isinstance(value, dict) else value
        remedy = f"“{short(str(given))}” is none of auto, none, required, or the name of a function."
        self._notes.error(path, "The choice of a tool has no counterpart", remedy)
        return None

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
        if "input_schema" in tool or (
            isinstance(named, str) and named[-9:-8] == "_" and named[-8:].isdigit()
        ):
            return tool  # as the Messages API has it; its own tools have a date in their type
        if named == "function":
            return self._function(tool, path)
        if isinstance(named, str) and named.startswith(_SEARCHES):
            return self._search(tool, path)
        remedy = "Take it out: only functions and the web search can be ported."
        self._notes.error(path, f"A tool of type {short(str(named))} has no counterpart", remedy)
        return None

    def _function(self, tool: Tool, path: Path) -> Tool | None:
        rest(tool, _TOOL, path, self._notes, "a tool")
        inner = tool.get("function", tool)
        if not isinstance(inner, dict):
            self._notes.wrong((*path, "function"), "The function of a tool", "an object", inner)
            return None
        if inner is not tool:
            path = (*path, "function")
            rest(inner, _FUNCTION, path, self._notes, "a function")
        name, description, strict = (inner.get(key) for key in ("name", "description", "strict"))
        if not isinstance(name, str) or not name:
            self._notes.error(path, "A function has no name")
            return None
        found: Tool = {"name": name}
        if isinstance(description, str) and description:
            found["description"] = description
        elif says(description):
            self._notes.wrong(
                (*path, "description"), "The description of a function", "a string", description
            )
        found["input_schema"] = self._schema(inner.get("parameters"), (*path, "parameters"), strict is True)
        if strict is True:
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
        self._notes.warn(path, "The web search became Claude’s own", "It is paid for by the search.")
        found: Tool = {"type": SEARCH, "name": "web_search"}
        filters = self._part(options, "filters", path)
        rest(filters, frozenset({"allowed_domains"}), (*path, "filters"), self._notes, "the web search")
        if says(filters.get("allowed_domains")):
            found["allowed_domains"] = filters["allowed_domains"]
        place = self._part(options, "user_location", path)
        near = self._part(place, "approximate", (*path, "user_location")) or place
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
