"""Parameters read twice: at full speed by the decoder, and with every fault by the reader of bad requests."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from tests.asking import FULL, Json, checker, item, params, text, user
from tui.sources.checking.glancing import ToolReader
from tui.sources.params.reading import read_params
from tui.sources.params.request import Params

decode = msgspec.json.Decoder(Params).decode

Path = tuple[str | int, ...]


def decodes(value: Json) -> bool:
    """Whether the fast way finds nothing wrong."""
    try:
        ToolReader().read(decode(json.dumps(value).encode()).tools)
    except msgspec.ValidationError:
        return False
    return True


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """The path of everything in a JSON value, from the outside in."""
    if path:
        yield path
    steps: Any = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for step, each in steps:
        yield from paths(each, (*path, step))


def changed(path: Path, change: Any) -> Json:
    """A copy of the full request with something else at a path; `...` leaves it out."""
    value = copy.deepcopy(FULL)
    inside: Any = value
    for step in path[:-1]:
        inside = inside[step]
    if change is ...:
        del inside[path[-1]]
    else:
        inside[path[-1]] = change
    return value


def test_a_full_request_is_read_alike_both_ways() -> None:
    read = read_params(FULL)
    assert read.findings == ()
    fast = decode(json.dumps(FULL).encode())
    assert read.params == fast
    assert read.tools == ToolReader().read(fast.tools)


CHANGES: list[Any] = [..., None, True, 7, 1.5, "x", [], {}, [{}], {"type": "text"}, [["a"]]]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_both_ways_agree_on_what_is_wrong(change: Any) -> None:
    tried = 0
    for path in paths(FULL):
        value = changed(path, change)
        told = read_params(value).findings
        assert decodes(value) == (told == ()), (path, change, told)
        tried += 1
    assert tried > 200


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_rules_bear_whatever_is_wrong_elsewhere(change: Any) -> None:
    found = checker()
    for number, path in enumerate(paths(FULL)):
        found.take(item({"custom_id": f"id-{number}", "params": changed(path, change)}))
    assert found.requests == number + 1
    assert not any("It cannot be read" in problem.what for problem in found.problems)


def test_a_field_too_many_anywhere_is_found_by_both() -> None:
    for path in [(), *paths(FULL)]:
        value = copy.deepcopy(FULL)
        inside: Any = value
        for step in path:
            inside = inside[step]
        if not isinstance(inside, dict):
            continue
        inside["brand_new"] = 1
        told = read_params(value).findings
        assert decodes(value) == (told == ()), path
        assert {finding.severity for finding in told} <= {"warning"}
        assert not told or told[0].path == ("params", *path, "brand_new")


TOLD: list[tuple[Json, str, str]] = [
    (params(model=5), "model must be a string, not a number", ""),
    (params(messages={}), "messages must be a list, not an object", ""),
    (params(messages=["Hi"]), "messages[0] must be an object, not a string", ""),
    (
        params(messages=[{"content": "a"}]),
        "messages[0].role is missing",
        "It is user or assistant or system.",
    ),
    (
        params(messages=[{"role": "model", "content": "a"}]),
        "messages[0].role must be one of assistant, system, user",
        "Not “model”.",
    ),
    (params(messages=[user(5)]), "messages[0].content must be a string or a list, not a number", ""),
    (params(messages=[user(["a"])]), "messages[0].content[0] must be an object, not a string", ""),
    (params(messages=[user([{"text": "a"}])]), "messages[0].content[0].type is missing", ""),
    (
        params(messages=[user([{"type": 5}])]),
        "messages[0].content[0].type must be a string, not a number",
        "",
    ),
    (params(messages=[user([{"type": "text"}])]), "messages[0].content[0].text is missing", ""),
    (
        params(messages=[user([{"type": "input_text", "text": "a"}])]),
        "messages[0].content[0].type is none that batchdeck knows (SDK 2.14)",
        "Not “input_text”. Is it a beta's? Then name the beta.",
    ),
    (
        params(messages=[user([{"type": "documents"}])]),
        "messages[0].content[0].type is none that batchdeck knows (SDK 2.14)",
        "Not “documents”. Did you mean “document”?",
    ),
    (
        params(
            messages=[
                user([{"type": "image", "source": {"type": "base64", "media_type": "image/bmp", "data": ""}}])
            ]
        ),
        "messages[0].content[0].source.media_type must be one of "
        "image/gif, image/jpeg, image/png, image/webp",
        "Not “image/bmp”.",
    ),
    (params(max_tokens="10"), "max_tokens must be a whole number", 'Not "10".'),
    (params(max_tokens=1.5), "max_tokens must be a whole number", "Not 1.5."),
    (params(stop_sequences="END"), "stop_sequences must be a list, not a string", ""),
    (params(stop_sequences=["a", None]), "stop_sequences[1] must be a string, not null", ""),
    (params(service_tier="batch"), "service_tier must be one of auto, standard_only", "Not “batch”."),
    (params(system={}), "system must be a string or a list, not an object", ""),
    (params(metadata=None), "metadata must be an object, not null", ""),
    (params(thinking={"type": "enabled"}), "thinking.budget_tokens is missing", ""),
    (
        params(thinking={"type": "on"}),
        "thinking.type must be one of adaptive, between_tools, disabled, enabled",
        "Not “on”.",
    ),
    (
        params(system=[text(cache_control={"type": "ephemeral", "ttl": "2h"})]),
        "system[0].cache_control.ttl must be one of 1h, 5m",
        "Not “2h”.",
    ),
    (params(cache_control={"type": "forever"}), "cache_control.type must be “ephemeral”", "Not “forever”."),
    (params(tools=[{"name": "a"}]), "tools[0].input_schema is missing", ""),
    (params(tools=[{"type": "bash_20250124", "name": "sh"}]), "tools[0].name must be “bash”", "Not “sh”."),
    (
        params(tools=[{"type": "bash_20241022", "name": "bash"}]),
        "tools[0].type is none that batchdeck knows (SDK 2.14)",
        "Not “bash_20241022”. Did you mean “bash_20250124”?",
    ),
    (params(tools=[5]), "tools[0] must be an object, not a number", ""),
    (params(tool_choice="auto"), "tool_choice must be an object, not a string", ""),
    (params(temperature=1), "temperature is refused by this API version", "Remove it."),
    (params(store=True), "store (threads) is not possible in a batch", "Remove it."),
    (params(cache_hint={}), "cache_hint (hints) is not possible in a batch", "Remove it."),
    (
        params(research_preview_2026_02="active"),
        "research_preview_2026_02 is not possible in a batch",
        "Remove it.",
    ),
    (
        params(max_completion_tokens=5),
        "max_completion_tokens is not a parameter that batchdeck knows (SDK 2.14)",
        "Did you mean “max_tokens”?",
    ),
    (
        params(seed=5),
        "seed is not a parameter that batchdeck knows (SDK 2.14)",
        "The service may refuse it: look at its name.",
    ),
    (
        params(messages=[{**user("a"), "name": "Ada"}]),
        "messages[0].name is not a field that batchdeck knows (SDK 2.14)",
        "The service may refuse it: look at its name.",
    ),
]


@pytest.mark.parametrize(("value", "what", "remedy"), TOLD, ids=lambda value: str(value)[:60])
def test_what_is_said_of_one_fault(value: Json, what: str, remedy: str) -> None:
    (finding,) = read_params(value).findings
    assert (finding.what, f"{finding.detail} {finding.remedy}".strip()) == (what, remedy)


def test_what_is_harmless_of_what_a_batch_cannot_have() -> None:
    value = params(store=False, cache_hint=None, fallbacks=None, research_preview_2026_02="off")
    assert read_params(value).findings == ()


def test_all_faults_are_told_and_the_rest_is_read() -> None:
    value = params(
        max_tokens="1", messages=[user("a"), 5, user([text(), {"type": "?"}])], seed=1, stop_sequences=[7]
    )
    read = read_params(value)
    assert [finding.path for finding in read.findings] == [
        ("params", "max_tokens"),
        ("params", "messages", 1),
        ("params", "messages", 2, "content", 1, "type"),
        ("params", "seed"),
        ("params", "stop_sequences", 0),
    ]
    assert (read.model, read.max_tokens) == ("claude-haiku-5-5", None)
    assert [type(message).__name__ for message in read.params.messages] == ["User", "_Bad", "User"]


UNKNOWN = [
    params(messages=[user([{"type": "mcp_tool_use", "id": "a"}])]),
    params(tools=[{"type": "advisor_20260301"}]),
    params(thinking={"type": "adaptive", "display": "updates"}),
    params(mcp_servers=[]),
]


@pytest.mark.parametrize("value", UNKNOWN, ids=str)
def test_with_betas_what_is_unknown_is_only_looked_at_askance(value: Json) -> None:
    (finding,) = read_params(value, lenient=True).findings
    assert (finding.severity, finding.remedy) == ("warning", "Is its beta among those that are sent?")


def test_betas_excuse_no_wrong_types() -> None:
    (finding,) = read_params(params(max_tokens="5"), lenient=True).findings
    assert finding.severity == "error"


def test_long_foreign_text_is_cut() -> None:
    (finding,) = read_params(params(**{"x" * 5_000: 1})).findings
    assert len(finding.what) < 120
    (finding,) = read_params(params(service_tier="x" * 5_000)).findings
    assert len(finding.detail) < 80


def test_tools_of_the_request_before_are_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, tools = ToolReader(), FULL["tools"]
    first = reader.read(tools)
    assert reader.read(copy.deepcopy(tools)) is first
    assert reader.read(tools[:1]) == first[:1]
    with pytest.raises(msgspec.ValidationError):
        reader.read([{"name": 5}])
    assert reader.read(tools) == first
