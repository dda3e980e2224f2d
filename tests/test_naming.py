"""custom_ids: legal ones stay, others are made, each only once, whatever the source calls its rows."""

from __future__ import annotations

import re
import time

import pytest

from tests.hostile import HOSTILE
from tui.model import MAP
from tui.sources.basics.naming import Namer

LEGAL = re.compile(r"[a-zA-Z0-9_-]{1,64}").fullmatch


def test_rows_without_a_name_are_called_by_their_number() -> None:
    namer = Namer()
    assert [namer.name(None, number) for number in (1, 2, 30)] == [
        ("row-1", True),
        ("row-2", True),
        ("row-30", True),
    ]


@pytest.mark.parametrize("wanted", ["a b", "", "x" * 65, "ä"])
def test_without_map_names_stay_as_they_are(wanted: str) -> None:
    namer = Namer()
    assert namer.name(wanted, 1) == namer.name(wanted, 2) == (wanted, False)


def test_map_keeps_what_is_legal_and_makes_the_rest() -> None:
    namer = Namer(MAP)
    assert namer.name("TR-1", 1) == ("TR-1", False)
    assert namer.name("TR-1", 2) == ("TR-1-2", True)
    assert namer.name("TR:1/ü b", 3) == ("TR_1_b", True)
    assert namer.name("???", 4) == ("row-4", True)
    assert namer.name("x" * 70, 5) == ("x" * 64, True)
    assert namer.name("x" * 71, 6) == ("x" * 62 + "-2", True)


def test_a_made_name_never_takes_the_place_of_another() -> None:
    namer = Namer(MAP)
    wanted = ["a-2", "a", "a", "a", "a-2", "a-2-2", "a-3", "row-9", None, "row-9"]
    given = [namer.name(name, 9)[0] for name in wanted]
    assert len(set(given)) == len(given)
    assert all(map(LEGAL, given))


def test_hostile_names_become_legal_and_different() -> None:
    namer = Namer(MAP)
    given = [namer.name(text, number)[0] for number, text in enumerate([*HOSTILE, *HOSTILE], 1)]
    assert len(set(given)) == len(given)
    assert all(map(LEGAL, given))


def test_equal_names_by_the_hundred_thousand_take_no_search() -> None:
    namer = Namer(MAP)
    begin = time.process_time()
    given = {namer.name("same", number)[0] for number in range(100_000)}
    assert len(given) == 100_000
    assert time.process_time() - begin < 5  # looked for one by one it would be hours
