"""Keys that stand twice: readers of JSON disagree which of them counts, so that none is believed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.asking import request, text, user
from tests.test_skimming import at_once, one_by_one, results

GOOD: dict[str, Any] = request(system="Be brief.", messages=[user("Hi"), user("Ho")])
STYLES: dict[str, dict[str, Any]] = {
    "spaced": {},
    "compact": {"separators": (",", ":")},
    "half": {"separators": (", ", ":")},
    "wide": {"separators": (" , ", " : ")},
}
TWICE = {
    "custom_id": ('"custom_id":', '"custom_id":"b","custom_id":'),
    "params": ('"params":', '"params":{},"params":'),
    "model": ('"model":', '"model":"claude-opus-5-5","model":'),
    "max_tokens": ('"max_tokens":', '"max_tokens":99999,"max_tokens":'),
    "messages": ('"messages":', '"messages":[],"messages":'),
    "system": ('"system":', '"system":"","system":'),
    "content": ('"content":', '"content":"","content":'),
    "role": ('"role":', '"role":"assistant","role":'),
}


def written(style: str = "compact", **changes: Any) -> str:
    return json.dumps({**GOOD, **changes}, **STYLES[style])


def doubled(key: str, line: str) -> str:
    return line.replace(*TWICE[key], 1)


@pytest.mark.parametrize("places", [(0,), (7,), (19,), tuple(range(20))])
@pytest.mark.parametrize("key", TWICE)
def test_a_key_that_stands_twice_is_an_error_that_names_the_line(key: str, places: tuple[int, ...]) -> None:
    lines = [written(custom_id=f"q-{number}") for number in range(20)]
    for place in places:
        lines[place] = doubled(key, lines[place])
    data = "".join(f"{line}\n" for line in lines).encode()
    found, _ = at_once(data)
    told = [problem for problem in found.problems if "stands twice" in problem.what]
    assert [problem.what for problem in told] == [f"{key} stands twice in the same object"] * len(places)
    assert [int(problem.place.split(":")[1]) for problem in told] == [place + 1 for place in places]
    assert results(*at_once(data)) == results(*one_by_one(data))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"metadata": {"user_id": "x"}},
        {"output_config": {"effort": "low"}},
        {"messages": [user([text('Say “twice”: "model":1,"model":2')])]},
        {"messages": [user("\u00e9\n\t\u2028 {}")]},
    ],
)
def test_however_it_is_written_what_is_right_stays_right(style: str, more: dict[str, Any]) -> None:
    lines = [written(style, custom_id=f"q-{n}", params=GOOD["params"] | more) for n in range(9)]
    lines[3] = written(style, custom_id="another", params=GOOD["params"] | {"max_tokens": 77})
    found, raws = at_once("".join(f"{line}\n" for line in lines).encode())
    assert (found.problem_count, found.warning_count, len(raws)) == (0, 0, 9)


@pytest.mark.parametrize("style", STYLES)
def test_and_what_is_wrong_is_seen_however_it_is_written(style: str) -> None:
    lines = [written(style, custom_id=f"q-{number}") for number in range(9)]
    lines[5] = '{"custom_id": "x", ' + lines[5][1:]
    found, _ = at_once("".join(f"{line}\n" for line in lines).encode())
    assert [problem.what for problem in found.problems] == ["custom_id stands twice in the same object"]


def test_beside_other_mistakes_it_is_told_too() -> None:
    line = doubled("model", written().replace('"max_tokens":2000', '"max_tokens":"many"'))
    found, _ = at_once(f"{line}\n".encode())
    assert found.problem_count == 2
    assert "model stands twice" in found.problems[0].what
