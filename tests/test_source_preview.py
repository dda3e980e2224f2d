"""Any request of a source as it will be sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.drafting import PRETTY, bodies, lines, request, saved
from tui.errors import UsageError
from tui.model import Making, Recipe
from tui.sources import preview

RECIPE = Recipe(model="claude-haiku-5-5", max_tokens=10, prompt="{{ t }}")


@pytest.mark.parametrize(
    ("name", "content", "making"),
    [
        ("a.jsonl", lines(*(request(n) for n in range(9))), Making()),
        ("a.jsonl", lines(*({**request(), "custom_id": f"no {n % 3}"} for n in range(9))), Making(ids="map")),
        ("a.csv", b"t,n\n" + b"".join(b'"a\nb",%d\n' % n for n in range(9)), Making(override=RECIPE)),
        ("a.json", json.dumps([{"t": n} for n in range(9)], indent=1).encode(), Making(override=RECIPE)),
        (
            "a.jsonl",
            lines(*({"messages": [{"role": "user", "content": str(n)}]} for n in range(9))),
            Making(override=Recipe(model="claude-haiku-5-5", max_tokens=10)),
        ),
    ],
    ids=["requests", "mapped", "table", "records", "bodies"],
)
def test_each_is_shown_as_it_will_be_sent(tmp_path: Path, name: str, content: bytes, making: Making) -> None:
    (tmp_path / name).write_bytes(content)
    wanted = [each for body in bodies(saved(tmp_path / name, making)) for each in body["requests"]]
    assert len(wanted) == 9
    for number in (1, 2, 5, 9):
        raw, problems = preview([tmp_path / name], making, number)
        assert (json.loads(raw), problems) == (wanted[number - 1], ())
    assert preview([tmp_path / name], making, 10) == (b"", ())
    assert preview([tmp_path / name], making, 0) == (b"", ())


def test_a_warning_about_all_of_them_is_no_request(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"t,t2\na,b\nc,d\n")
    recipe = Recipe(model="claude-haiku-5-5", max_tokens=10, prompt="the same", custom_id="{{ t }}")
    raw, _ = preview([tmp_path / "a.csv"], Making(override=recipe), 2)
    assert json.loads(raw)["custom_id"] == "c"


def test_problems_of_that_one_alone(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(PRETTY.replace(b'"max_tokens": 10', b'"max_tokens": 0', 1))
    raw, problems = preview([tmp_path / "a.json"], number=1)
    assert json.loads(raw)["custom_id"] == "id-1"
    assert ["max_tokens" in problem.what for problem in problems] == [True]
    assert preview([tmp_path / "a.json"], number=2)[1] == ()


def test_where_none_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"t\na\n")
    raw, (problem,) = preview([tmp_path / "a.csv"])
    assert (raw, problem.what) == (b"", "It is a table, not a list of requests")
    raw, (problem,) = preview([tmp_path / "a.csv"], Making(override=Recipe("m", 1, "{{ x }}")))
    assert raw == b"" and "x" in problem.what
    raw, (problem,) = preview([tmp_path / "absent"])
    assert (raw, problem.place) == (b"", "absent")
    with pytest.raises(UsageError):
        preview([tmp_path / "a.csv"], Making(recipe="nobody's"))


def test_a_damaged_file_is_shown_up_to_the_damage(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(PRETTY[:-2])
    assert json.loads(preview([tmp_path / "a.json"], number=1)[0])["custom_id"] == "id-1"
    raw, (problem,) = preview([tmp_path / "a.json"], number=3)
    assert (raw, problem.what) == (b"", "The list is not closed")
