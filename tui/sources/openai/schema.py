"""JSON schemas of other services in the part of JSON Schema that Claude's answers can be held to.

What is beyond it goes into descriptions, as the SDK's own `transform_schema` does it: the model reads it
there, though nothing enforces it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ..basics.items import Path, short
from .notes import Notes, says

Schema = dict[str, Any]

FORMATS = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}
)
"""Of strings (SDK, `lib/_parse/_transform.py`)."""

_AS_THEY_ARE = frozenset({"type", "enum", "const", "description", "title", "required"})
_OF_THE_SCHEMA = frozenset({"$schema", "$id", "$comment"})
"""They speak of the schema itself, and ask nothing of an answer."""


class StrictSchema:
    """Turns one schema into what Claude takes, and remembers what it does not enforce."""

    def __init__(self) -> None:
        self._loose: dict[str, None] = {}
        self._parts: dict[str, Callable[[Any], Any]] = {
            "properties": self._named,
            "$defs": self._named,
            "definitions": self._named,
            "items": self._value,
            "anyOf": self._several,
            "allOf": self._several,
        }

    def turn(self, schema: Schema, path: Path, notes: Notes) -> Schema:
        """The schema as it is sent."""
        turned = self._schema(schema)
        if self._loose:
            names = ", ".join(short(name) for name in list(self._loose)[:8])
            remedy = "Claude reads it as a description, or more narrowly."
            notes.warn(path, "The schema says something that is not enforced", remedy, f"It says {names}.")
        return turned

    def _schema(self, schema: Schema) -> Schema:
        found: Schema = {}
        beyond: Schema = {}
        for key, value in schema.items():
            if key in _AS_THEY_ARE:
                found[key] = value
            elif key == "$ref":
                # The SDK sends none with anything beside it; as the only variant it may have a description.
                found |= {key: value} if len(schema) == 1 else {"anyOf": [{key: value}]}
            elif key in self._parts:
                found[key] = self._parts[key](value)
            elif key == "oneOf" and "anyOf" not in schema:
                found["anyOf"] = self._several(value)
            elif (key == "format" and value in tuple(FORMATS)) or (key == "minItems" and value in (0, 1)):
                found[key] = value  # a tuple, because a hostile value may have no hash
            elif key not in _OF_THE_SCHEMA and key != "additionalProperties" and says(value):
                beyond[key] = value
        self._close(schema, found)
        return self._described(found, beyond)

    def _close(self, schema: Schema, found: Schema) -> None:
        """An object has the properties that are listed, and no others."""
        types = schema.get("type")
        if types == "object" or (isinstance(types, list) and "object" in types) or "properties" in schema:
            found["additionalProperties"] = False
            if schema.get("additionalProperties") is not False:
                self._loose["additionalProperties"] = None

    def _described(self, found: Schema, beyond: Schema) -> Schema:
        if not beyond:
            return found
        self._loose |= dict.fromkeys(beyond)
        said = ", ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in beyond.items())
        before = found.get("description")
        found["description"] = f"{before}\n\n({said})" if isinstance(before, str) and before else f"({said})"
        return found

    def _value(self, value: Any) -> Any:
        return self._schema(value) if isinstance(value, dict) else value

    def _named(self, value: Any) -> Any:
        return {key: self._value(each) for key, each in value.items()} if isinstance(value, dict) else value

    def _several(self, value: Any) -> Any:
        return [self._value(each) for each in value] if isinstance(value, list) else value
