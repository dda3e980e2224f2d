"""Where custom_ids were first seen, whichever way they come."""

from __future__ import annotations

import random

import pytest

from tui.sources.checking.identities import Identities


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("exact", [10, 60, 10_000])
def test_the_first_place_of_each_is_known(seed: int, exact: int) -> None:
    rng = random.Random(seed)
    identities = Identities(exact=exact, most=10_000)
    places: dict[str, tuple[str, int]] = {}
    line = 1
    for _ in range(40):
        file = rng.choice(("", "a", "b"))
        names = [f"id-{rng.randrange(1500)}" for _ in range(rng.choice((1, 5, 20)))]
        is_new = places.keys().isdisjoint(names) and len(set(names)) == len(names)
        if len(names) > 1 and identities.note(names, file, line):
            assert is_new
            places |= {name: (file, line + index) for index, name in enumerate(names)}
        else:
            for index, name in enumerate(names):
                assert identities.first(name, file, line + index) == places.get(name)
                places.setdefault(name, (file, line + index))
        line += len(names)
    assert not identities.full
