"""A request that is no request: not JSON, not UTF-8, not in its envelope."""

from __future__ import annotations

import json

import pytest

from tests.asking import check, request, said

GOOD = json.dumps(request(messages=[{"role": "user", "content": "it"}])).encode()
LETTERS = "Use 1 to 64 letters, digits, - and _."
TOP = "Only custom_id and params may stand here; the rest belongs into params."


def without(key: str) -> dict[str, object]:
    return {name: value for name, value in request().items() if name != key}


BROKEN: list[tuple[bytes, str]] = [
    (b"{", ":2: The JSON stops in the middle – A line may be cut, or broken in two."),
    (b'{"custom_id": "a', ":15: The JSON stops in the middle"),
    (GOOD[:-30], ": The JSON stops in the middle"),
    (b'{"custom_id" "a"}', ":14: It is not JSON – expecting ':' delimiter."),
    (b"{'custom_id': 'a'}", ":2: It is not JSON – expecting property name enclosed in double quotes."),
    ("{\"é€😀\": 'x'}".encode(), ":9: It is not JSON – expecting value."),
    (b'{"a": NaN}', ": It is not JSON – NaN is no JSON number."),
    (b'{"a": -Infinity}', ": It is not JSON – -Infinity is no JSON number."),
    (
        GOOD + b";",
        f":{len(GOOD) + 1}: There is text after the request – Put each request on a line of its own.",
    ),
    (GOOD.replace(b"it", b"i\tt"), ": A string has a control character in it – Write it as an escape"),
    (GOOD.replace(b"it", b"i\\xt"), ": It is not JSON – invalid \\escape"),
    (GOOD.replace(b"it", b"i\xfft"), f":{GOOD.index(b'it') + 2}: It is not UTF-8 – Save the file as UTF-8."),
    (GOOD.replace(b"it", b"i\xed\xa0\x80t"), ": It is not UTF-8"),
    (GOOD.replace(b"it", b"i\\ud83dt"), ": It has half of a surrogate pair – Remove the escape"),
    (GOOD.replace(b"it", b"i\\udc00\\ud83dt"), ": It has half of a surrogate pair"),
    (
        GOOD[:-2] + b', "tools": ' + b"[" * 50_000 + b"]" * 50_000 + b"}}",
        ": It is nested too deeply – Flatten it",
    ),
    (b"[]", ': A request must be an object, not a list – Write {"custom_id": …, "params": {…}}.'),
    (b'"x"', ": A request must be an object, not a string"),
]


@pytest.mark.parametrize(("raw", "told"), BROKEN, ids=lambda value: str(value)[:40])
def test_what_is_no_json(raw: bytes, told: str) -> None:
    (problem,) = said(check(raw))
    assert problem.startswith("a.jsonl:1")
    assert told in problem


ENVELOPES: list[tuple[object, str]] = [
    (without("custom_id"), ": custom_id is missing – Give every request an id of its own."),
    (without("params"), ": params is missing – Put the Messages request into params."),
    (
        {**request(), "priority": 1},
        f":{len(json.dumps(request())) + 2}: “priority” does not belong beside params – {TOP}",
    ),
    ({**request(), "custom_id": None}, ":2: custom_id must be a string, not null – Put it into quotes."),
    ({**request(), "custom_id": 7}, ":2: custom_id must be a string, not a number"),
    ({**request(), "custom_id": ""}, f":2: custom_id is empty – {LETTERS}"),
    ({**request(), "custom_id": "x" * 65}, f":2: custom_id is too long – It has 65 characters. {LETTERS}"),
    (
        {**request(), "custom_id": "a b"},
        f":2: custom_id has characters that are not allowed – “a b”: {LETTERS}",
    ),
    ({**request(), "custom_id": "a\n"}, ":2: custom_id has characters that are not allowed"),
    ({**request(), "custom_id": "é"}, ":2: custom_id has characters that are not allowed"),
    (
        {**request(), "params": None},
        ":23: params must be an object, not null – Put the Messages request there.",
    ),
    ({**request(), "params": [1]}, ":23: params must be an object, not a list"),
]


@pytest.mark.parametrize(("value", "told"), ENVELOPES, ids=lambda value: str(value)[:40])
def test_what_is_wrong_with_an_envelope(value: object, told: str) -> None:
    (problem,) = said(check(value))
    assert problem.startswith(f"a.jsonl:1{told}")


def test_all_that_is_wrong_is_told() -> None:
    found = check({"custom_id": "", "params": {"temperature": 1, "stream": True}, "x": 1})
    assert [problem.what for problem in found.problems] == [
        "custom_id is empty",
        "“x” does not belong beside params",
        "temperature is refused by this API version",
        "max_tokens is missing",
        "messages is missing",
        "model is missing",
        "stream is not possible in a batch",
    ]


def test_whole_surrogate_pairs_and_escaped_backslashes_are_fine() -> None:
    assert said(check(GOOD.replace(b"it", b"\\ud83d\\ude00 \\\\ud83d", 1))) == []


def test_the_same_mistake_has_the_same_words() -> None:
    found = check(
        *({**request(), "custom_id": f"no {number}"} for number in range(3)),
        *(request(number, max_tokens=-number) for number in range(1, 4)),
    )
    assert [(group.what, group.count) for group in found.groups()] == [
        ("custom_id has characters that are not allowed", 3),
        ("max_tokens must be at least 1", 3),
    ]
    assert found.groups()[0].remedy.startswith(LETTERS)
