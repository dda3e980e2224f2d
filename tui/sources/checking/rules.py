"""Rules that types cannot express, each with its source; they look at params that have been read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from msgspec import UNSET

from ...model import WARNING
from ..basics.items import Finding, Path, short
from ..params.blocks import Document, SearchResult
from ..params.fields import named
from ..params.parts import CitationsConfig
from ..params.request import ChooseAny, ChooseTool, Params, ThinkingEnabled
from ..params.tools import Custom
from ..params.toolsets import BrowserToolset20260801, ComputerToolset20260801
from .limits import Verdict
from .rules_caching import caching
from .rules_calls import call_ids
from .rules_media import images_of, number
from .rules_turns import system, turns

LEAST_BUDGET = 1024
"""Tokens of thinking (SDK, `budget_tokens`)."""
INTERLEAVED = "interleaved-thinking-2025-05-14"
"""The beta with which a budget of thinking may exceed max_tokens (API documentation, extended thinking)."""
LONGEST_USER_ID = 256
"""Characters of metadata.user_id, as an earlier API reference had it."""

_tool_name = re.compile(r"[a-zA-Z0-9_-]{1,128}").fullmatch
"""The API documentation says at most 64 characters; the service complains of more than 128."""

_THINKING: Path = ("params", "thinking")
_CHOICE: Path = ("params", "tool_choice")


@dataclass(slots=True)
class Asked:
    """What one request asks, and of which model."""

    params: Params
    tools: list[Any]
    """As they were read; none where `params.tools` is unset."""
    verdict: Verdict
    betas: frozenset[str] = frozenset()
    plain: bool = False
    """Whether its messages have been looked at: nothing can be wrong with them."""
    marked: bool = True
    """Whether it may have marks for the prompt cache."""

    @property
    def max_tokens(self) -> int | None:
        """None where it could not be read."""
        found: Any = self.params.max_tokens
        return None if found is UNSET else found

    @property
    def messages(self) -> list[Any] | None:
        """The same; what could not be read in it is neither of the kinds of messages."""
        found: Any = self.params.messages
        return None if found is UNSET else found


def broken(asked: Asked) -> Iterator[Finding]:
    """Every rule that a request breaks."""
    params = asked.params
    yield from _small(params)
    if asked.max_tokens is not None:
        yield from length(asked.max_tokens, asked.verdict)
    if asked.messages is not None and not asked.plain:
        yield from turns(asked.messages, asked.verdict.facts.prefill)
        yield from call_ids(asked.messages)
        yield from _cited(asked)
        yield from number(images_of(asked.messages), asked.verdict.facts.max_input_tokens)
    yield from system(params.system)
    yield from _thinking(asked)
    yield from _tools(asked.tools)
    yield from _tool_choice(asked)
    if asked.marked:
        yield from caching(params, asked.tools, asked.messages or [])


def length(max_tokens: int, verdict: Verdict) -> Iterator[Finding]:
    """Whether an answer may be so long."""
    path = ("params", "max_tokens")
    if max_tokens < 1:
        what = "max_tokens must be at least 1"
        yield Finding(what, "Say how long an answer may become.", detail=f"Not {max_tokens}.", path=path)
    elif max_tokens > verdict.most:
        detail = f"{max_tokens:,}, of at most {verdict.most:,}."
        remedy = verdict.advice if max_tokens <= verdict.extended else "Lower it."
        yield Finding(f"max_tokens is more than {verdict.model} can write", remedy, detail=detail, path=path)


def _small(params: Params) -> Iterator[Finding]:
    if params.stream:
        yield Finding("stream is not possible in a batch", "Remove it.", path=("params", "stream"))
    if params.speed is not None:
        what = "speed (fast mode) is not possible in a batch"
        yield Finding(what, "Remove it.", path=("params", "speed"))
    if params.workspace_id is not UNSET:
        what = "workspace_id is a header, not a parameter of a request"
        yield Finding(what, "Remove it.", severity=WARNING, path=("params", "workspace_id"))
    if params.stop_sequences is not UNSET:
        sequences: list[Any] = params.stop_sequences  # of which some may be BAD
        for index, text in enumerate(sequences):
            path: Path = ("params", "stop_sequences", index)
            if isinstance(text, str) and not text.strip():
                what = f"{named(path)} is {'only white space' if text else 'empty'}"
                yield Finding(what, "The service takes no such stop sequence: remove it.", path=path)
    if params.metadata is not UNSET and len(params.metadata.user_id or "") > LONGEST_USER_ID:
        what = f"metadata.user_id has more than {LONGEST_USER_ID} characters"
        yield Finding(what, "Shorten it.", severity=WARNING, path=("params", "metadata", "user_id"))


def _thinking(asked: Asked) -> Iterator[Finding]:
    thinking = asked.params.thinking
    if thinking is UNSET:
        return
    kind = thinking.__struct_config__.tag
    if kind in asked.verdict.facts.thinking_refused:
        what = f"{asked.verdict.model} does not take thinking of the type {kind}"
        remedy = "Leave thinking out: then the model does what it does by default."
        yield Finding(what, remedy, path=(*_THINKING, "type"))
    if not isinstance(thinking, ThinkingEnabled):
        return
    path, budget = (*_THINKING, "budget_tokens"), thinking.budget_tokens
    if budget < LEAST_BUDGET:
        what = f"thinking.budget_tokens must be at least {LEAST_BUDGET:,}"
        yield Finding(what, "Raise it.", detail=f"Not {budget:,}.", path=path)
    most = asked.max_tokens
    if most is not None and budget >= most and INTERLEAVED not in asked.betas:
        detail = f"{budget:,}, of {most:,}."
        what = "thinking.budget_tokens must be less than max_tokens"
        yield Finding(what, "Lower it, or raise max_tokens.", detail=detail, path=path)


def _tools(tools: list[Any]) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, tool in enumerate(tools):
        name = getattr(tool, "name", None)
        if name is None:
            continue
        path: Path = ("params", "tools", index, "name")
        if not _tool_name(name):
            what = f"{named(path)} is no name for a tool"
            remedy = "Use 1 to 64 letters, digits, - and _."
            yield Finding(what, remedy, detail=f"“{short(name)}”:", path=path)
        if name in seen:
            detail = f"“{short(name)}”:"
            yield Finding(f"{named(path)} is not unique", "Name each tool once.", detail=detail, path=path)
        seen.add(name)
        if isinstance(tool, Custom) and tool.input_schema.get("type") != "object":
            place: Path = ("params", "tools", index, "input_schema")
            what = f"{named(place)} is not of the type object"
            yield Finding(what, 'Write "type": "object" in it.', path=place)


def _tool_choice(asked: Asked) -> Iterator[Finding]:
    choice = asked.params.tool_choice
    if choice is not UNSET and not asked.tools and not isinstance(choice, ChooseTool):
        what = "There is a tool_choice, but there are no tools"
        yield Finding(what, "Leave it out, or offer tools.", severity=WARNING, path=_CHOICE)
    if not isinstance(choice, ChooseAny | ChooseTool):
        return
    kind = choice.__struct_config__.tag
    if not asked.verdict.facts.forced_tools:
        what = f"{asked.verdict.model} cannot be forced to use a tool"
        yield Finding(what, f"Choose auto instead of {kind}, and ask for it in the prompt.", path=_CHOICE)
    elif isinstance(asked.params.thinking, ThinkingEnabled):
        what = "A tool cannot be forced while thinking has a budget"
        yield Finding(what, f"Choose auto instead of {kind}, or leave thinking out.", path=_CHOICE)
    if isinstance(choice, ChooseTool) and not _offered(choice.name, asked.tools):
        what = "tool_choice names a tool that is not among the tools"
        path = (*_CHOICE, "name")
        yield Finding(what, "Offer it, or name another.", detail=f"“{short(choice.name)}”:", path=path)


def _offered(name: str, tools: list[Any]) -> bool:
    """Whether there is such a tool, or may be: in a toolset, or in what could not be read."""
    known = [getattr(tool, "name", None) for tool in tools]
    toolsets = any(isinstance(tool, BrowserToolset20260801 | ComputerToolset20260801) for tool in tools)
    return name in known or toolsets or len(known) != len([each for each in known if each is not None])


def _cited(asked: Asked) -> Iterator[Finding]:
    """Citations and answers by a schema exclude each other (API documentation, structured outputs)."""
    config = asked.params.output_config
    if config is UNSET or config.format is None:
        return
    for index, message in enumerate(asked.messages or ()):
        content = getattr(message, "content", None)
        for at, block in enumerate(content if isinstance(content, list) else ()):
            cited = block.citations if isinstance(block, Document | SearchResult) else None
            if isinstance(cited, CitationsConfig) and cited.enabled is True:
                path: Path = ("params", "messages", index, "content", at, "citations")
                what = f"{named(path)} cannot be enabled together with output_config.format"
                yield Finding(what, "Do without one of them.", path=path)
