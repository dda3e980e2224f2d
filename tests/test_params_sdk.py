"""Our parameter types beside the SDK's: an update of it shows here what is new."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator
from typing import Any

import typing_extensions
from anthropic import __version__
from anthropic.types import message_create_params as create
from anthropic.types.tool_union_param import ToolUnionParam
from msgspec import inspect
from pydantic import BaseModel

from tui.sources.params.parts import SDK
from tui.sources.params.request import Params
from tui.sources.params.tools import Custom, Typed

WIDER = {
    "params.stream": "null and true are told apart by a rule, which knows better words",
    "params.tools": "tools are read one by one: see the test of tools",
    "tool.custom.input_schema": "the SDK takes any object, and so do we; a rule warns of one without a type",
}
"""Where ours is wider than the SDK's, and why."""


def parts(hint: Any) -> list[Any]:
    """What a hint is a union of, without marks of required fields."""
    origin = typing.get_origin(hint)
    if origin in (typing_extensions.Required, typing_extensions.NotRequired, typing.Annotated):
        return parts(typing.get_args(hint)[0])
    if origin is typing.Union:
        return [part for each in typing.get_args(hint) for part in parts(each)]
    return [hint]


def is_required(hint: Any) -> bool:
    """The SDK's annotations are text, so that only the hint itself tells."""
    return typing.get_origin(hint) is typing_extensions.Required


def kinds(kind: Any) -> list[Any]:
    return list(kind.types) if isinstance(kind, inspect.UnionType) else [kind]


def literals(hints: Iterable[Any]) -> set[Any]:
    return {
        value
        for hint in hints
        if typing.get_origin(hint) in (typing.Literal, typing_extensions.Literal)
        for value in typing.get_args(hint)
    }


def tags(hint: Any) -> set[str | None]:
    """The values by which one of several objects is told; None is an object that needs none."""
    hints = typing.get_type_hints(hint, include_extras=True)
    for field in ("type", "role"):
        if field in hints and is_required(hints[field]):
            return literals(parts(hints[field]))
    return {None}


def objects(hints: list[Any]) -> dict[str | None, Any]:
    found = [hint for hint in hints if typing_extensions.is_typeddict(hint)]
    return {tag: hint for hint in found for tag in tags(hint)}


def plain(hints: list[Any]) -> set[str]:
    """Kinds of values other than objects that are told apart by tags."""
    names: dict[Any, str] = {str: "string", int: "number", bool: "bool", type(None): "null"}
    found = {names[hint] for hint in hints if hint in names}
    found |= {"dict" for hint in hints if typing.get_origin(hint) is dict}
    return found | ({"list"} if items(hints) is not None else set())


def items(hints: list[Any]) -> Any:
    lists = [hint for hint in hints if typing.get_origin(hint) not in (None, dict, typing.Literal)]
    lists = [hint for hint in lists if len(typing.get_args(hint)) == 1 and str not in parts(hint)]
    lists = [hint for hint in lists if "IO" not in str(hint) and "PathLike" not in str(hint)]
    return typing.get_args(lists[0])[0] if lists else None


OURS: dict[type, str] = {
    inspect.StrType: "string",
    inspect.IntType: "number",
    inspect.BoolType: "bool",
    inspect.NoneType: "null",
    inspect.DictType: "dict",
    inspect.ListType: "list",
}


class Walk:
    """Goes through both at once."""

    def __init__(self) -> None:
        self.seen: set[tuple[Any, Any]] = set()
        self.paths = 0

    def differences(self, theirs: Any, ours: Any, path: str) -> Iterator[str]:
        if path in WIDER:
            return
        self.paths += 1
        hints = [hint for hint in parts(theirs) if not _is_answer(hint)]
        mine = kinds(ours)
        wanted, got = plain(hints), {OURS[type(each)] for each in mine if type(each) in OURS}
        choices = literals(hints) if "string" not in wanted else set()
        known = {value for each in mine if isinstance(each, inspect.LiteralType) for value in each.values}
        yield from _compared(path, wanted, got)
        yield from _compared(f"{path} literals", choices, known)
        structs = {each.tag: each for each in mine if isinstance(each, inspect.StructType)}
        told = objects(hints)
        if set(structs) == {None} and told:  # its type, if it has one, is a field like others
            told = {None: next(iter(told.values()))}
        yield from _compared(f"{path} objects", set(told), set(structs))
        for tag, hint in told.items():
            if tag in structs:
                yield from self.fields(hint, structs[tag], f"{path}.{tag}" if tag else path)
        for each in mine:
            if isinstance(each, inspect.ListType) and items(hints) is not None:
                yield from self.differences(items(hints), each.item_type, f"{path}[]")

    def fields(self, theirs: Any, ours: Any, path: str) -> Iterator[str]:
        if (theirs, ours.cls) in self.seen:
            return
        self.seen.add((theirs, ours.cls))
        hints = typing.get_type_hints(theirs, include_extras=True)
        known = {field.name: field for field in ours.fields}
        yield from _compared(f"{path} fields", set(hints) - {ours.tag_field}, set(known))
        for name in set(hints) & set(known):
            required = is_required(hints[name])
            if required != known[name].required:
                yield f"{path}.{name}: required is {required} there, {known[name].required} here"
            yield from self.differences(hints[name], known[name].type, f"{path}.{name}")


def _is_answer(hint: Any) -> bool:
    """The SDK lets its own answers stand for the parameters of the same form."""
    return isinstance(hint, type) and issubclass(hint, BaseModel)


def _compared(path: str, theirs: set[Any], ours: set[Any]) -> Iterator[str]:
    if theirs != ours:
        new, gone = sorted(map(str, theirs - ours)), sorted(map(str, ours - theirs))
        yield f"{path}: new there {new}, only here {gone}"


def test_all_parameters_are_the_sdks() -> None:
    walk = Walk()
    found = walk.fields(create.MessageCreateParamsNonStreaming, inspect.type_info(Params), "params")
    assert list(found) == []
    assert walk.paths > 150


def test_all_tools_are_the_sdks() -> None:
    walk = Walk()
    theirs = parts(ToolUnionParam)
    ours = {each.tag: each for each in (inspect.type_info(Custom), *kinds(inspect.type_info(Typed)))}
    assert set(objects(theirs)) == set(ours)
    found = [
        difference
        for tag, hint in objects(theirs).items()
        for difference in walk.fields(hint, ours[tag], f"tool.{tag or 'custom'}")
    ]
    assert found == []


def test_the_version_that_is_named_is_the_one_compared_with() -> None:
    assert __version__.startswith(f"{SDK}.")


def test_a_difference_would_be_seen() -> None:
    class Other(typing_extensions.TypedDict, total=False):
        model: typing_extensions.Required[int]
        max_tokens: int
        brand_new: str

    (fields, *rest) = Walk().fields(Other, inspect.type_info(Params), "params")
    assert "new there ['brand_new']" in fields
    assert any(text.startswith("params.model: new there ['number'], only here ['string']") for text in rest)
    assert "params.max_tokens: required is False there, True here" in rest
