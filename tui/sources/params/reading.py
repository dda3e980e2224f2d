"""Params from plain JSON values, with every fault; the fast decode of the same types stops at the first."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from msgspec import UNSET, inspect

from ...model import ERROR, WARNING
from ..basics.items import Finding, Path, kind_of, short
from .fields import FEW, field_finding, missing, named
from .parts import SDK
from .request import Params
from .tools import Custom, Typed

_ACCEPTED: dict[type, tuple[type[inspect.Type], ...]] = {
    dict: (inspect.StructType, inspect.DictType),
    list: (inspect.ListType,),
    str: (inspect.StrType, inspect.LiteralType),
    bool: (inspect.BoolType,),
    int: (inspect.IntType,),
    type(None): (inspect.NoneType,),
}
_NOUNS: dict[type[inspect.Type], str] = {
    inspect.StructType: "an object",
    inspect.DictType: "an object",
    inspect.ListType: "a list",
    inspect.StrType: "a string",
    inspect.LiteralType: "a string",
    inspect.BoolType: "true or false",
    inspect.IntType: "a whole number",
}


_REQUIRED = ("max_tokens", "messages", "model")


class _Bad:
    """Stands where a value was that nothing could be made of."""


BAD: Any = _Bad()


@dataclass(frozen=True, slots=True)
class Read:
    """Params, as far as they could be read."""

    params: Params
    """Faulty fields are left out (UNSET, the required ones too), faulty items of lists are BAD."""
    tools: list[Any]
    findings: tuple[Finding, ...]

    @property
    def model(self) -> str | None:
        """None where there is none."""
        found: Any = self.params.model
        return None if found is UNSET else found

    @property
    def max_tokens(self) -> int | None:
        """The same."""
        found: Any = self.params.max_tokens
        return None if found is UNSET else found


def read_params(value: Mapping[str, Any], *, lenient: bool = False) -> Read:
    """Read params; `lenient` makes warnings of what may be a beta's."""
    reader = _Reader(lenient)
    fields = reader.fields(value, _type(Params), ("params",))
    sound = {name: each for name, each in fields.items() if each is not BAD}
    params = Params(**dict.fromkeys(_REQUIRED, UNSET) | sound)
    tools = reader.tools(params.tools) if params.tools is not UNSET else []
    return Read(params, tools, tuple(reader.findings))


@cache
def _type(kind: Any) -> Any:
    return inspect.type_info(kind)


class _Reader:
    """Reads values of any type, and notes what is wrong with them."""

    def __init__(self, lenient: bool) -> None:
        self.findings: list[Finding] = []
        self._unknown = WARNING if lenient else ERROR
        self._maybe = "Is its beta among those that are sent?" if lenient else ""

    def tools(self, values: list[Any]) -> list[Any]:
        """Read tools, of which only those of the service have to have a type."""
        found = []
        for index, value in enumerate(values):
            path = ("params", "tools", index)
            custom = not isinstance(value, dict) or value.get("type") in (None, "custom")
            found.append(BAD if value is BAD else self.read(value, _type(Custom if custom else Typed), path))
        return found

    def read(self, value: Any, kind: inspect.Type, path: Path) -> Any:
        """Read one value."""
        kinds = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
        accepted = _ACCEPTED.get(type(value), ())
        fitting = [each for each in kinds if isinstance(each, accepted)]
        if not fitting:
            return value if isinstance(kind, inspect.AnyType) else self._mismatch(value, kinds, path)
        match fitting[0]:
            case inspect.ListType(item_type=item):
                return [self.read(each, item, (*path, index)) for index, each in enumerate(value)]
            case inspect.LiteralType(values=choices):
                return value if value in choices else self._choice(value, choices, path)
            case inspect.DictType(value_type=item):
                return {key: self.read(each, item, (*path, key)) for key, each in value.items()}
            case inspect.StructType():
                return self._tagged(value, fitting, path)
        return value

    def fields(self, value: Mapping[str, Any], kind: inspect.StructType, path: Path) -> dict[str, Any]:
        """Read the fields of an object; those that are missing or unknown are noted."""
        known = {field.name: field for field in kind.fields}
        found = {}
        for name, each in value.items():
            if name in known:
                found[name] = self.read(each, known[name].type, (*path, name))
            elif name != kind.tag_field:
                self._field(name, each, known, (*path, name))
        for name, field in known.items():
            if field.required and name not in found:
                self.findings.append(missing((*path, name), _choices(field.type)))
        return found

    def _tagged(self, value: dict[str, Any], kinds: list[Any], path: Path) -> Any:
        """Read an object by the field that tells which it is."""
        field = kinds[0].tag_field
        if field is None:
            return self._struct(value, kinds[0], path)
        if field not in value:
            self.findings.append(missing((*path, field), [kind.tag for kind in kinds]))
            return BAD
        tag = value[field]
        for kind in kinds:
            if kind.tag == tag:
                return self._struct(value, kind, path)
        if isinstance(tag, str):
            return self._choice(tag, [kind.tag for kind in kinds], (*path, field))
        return self._mismatch(tag, (inspect.StrType(),), (*path, field))

    def _struct(self, value: dict[str, Any], kind: inspect.StructType, path: Path) -> Any:
        found = self.fields(value, kind, path)
        whole = all(not field.required or field.name in found for field in kind.fields)
        return kind.cls(**found) if whole and not any(each is BAD for each in found.values()) else BAD

    def _mismatch(self, value: Any, kinds: tuple[inspect.Type, ...], path: Path) -> Any:
        nouns = [*dict.fromkeys(_NOUNS[type(each)] for each in kinds if type(each) in _NOUNS)]
        wanted = " or ".join([", ".join(nouns[:-1]), nouns[-1]] if len(nouns) > 1 else nouns)
        if nouns == ["a whole number"]:
            what, detail = f"{named(path)} must be a whole number", f"Not {short(json.dumps(value))}."
        else:
            what, detail = f"{named(path)} must be {wanted}, not {kind_of(value)}", ""
        self.findings.append(Finding(what, detail=detail, path=path))
        return BAD

    def _choice(self, value: str, choices: Any, path: Path) -> Any:
        choices = [str(each) for each in choices]
        if len(choices) > FEW:
            near = difflib.get_close_matches(value, choices, 1)
            what = f"{named(path)} is none that batchdeck knows (SDK {SDK})"
            advice = f"Did you mean “{near[0]}”?" if near else "Is it a beta's? Then name the beta."
        else:
            what, advice = f"{named(path)} must be {listed(choices)}", ""
        found = Finding(what, self._maybe or advice, 0, 0, self._unknown, f"Not “{short(value)}”.", path)
        self.findings.append(found)
        return BAD

    def _field(self, name: str, value: object, known: Mapping[str, Any], path: Path) -> None:
        found = field_finding(name, value, known, path, self._maybe)
        if found is not None:
            self.findings.append(found)


def _choices(kind: inspect.Type) -> list[str]:
    return [*map(str, kind.values)] if isinstance(kind, inspect.LiteralType) else []


def listed(choices: list[str]) -> str:
    """`one of a, b, c`, or the only one there is."""
    if len(choices) == 1:
        return f"“{choices[0]}”"
    return f"one of {', '.join(sorted(choices))}"
