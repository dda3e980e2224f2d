"""The list's filter, term by term; views; orders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.hostile import HOSTILE
from tui import query
from tui.model import CANCELING, ENDED, IN_PROGRESS, Batch, Counts, Entry, ResultFile

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def entry(
    name: str,
    state: str = ENDED,
    *,
    age: float = 1,
    took: float = 0.5,
    label: str = "",
    source: str = "",
    gone: bool = False,
    results: ResultFile | None = None,
    cancelled: bool = False,
    **counts: int,
) -> Entry:
    """A batch that was created `age` hours ago and ran `took` hours."""
    created = NOW - age * HOUR
    batch = Batch(
        id=f"msgbatch_{name}",
        state=state,
        counts=Counts(**counts),
        created_at=created,
        expires_at=created + 24 * HOUR,
        ended_at=created + took * HOUR if state == ENDED else None,
        cancel_initiated_at=created if cancelled else None,
    )
    return Entry(batch, label, source, gone_at=NOW if gone else None, results=results)


RUNNING = entry("run", IN_PROGRESS, age=20, processing=2000, label="Nightly Run")
STOPPING = entry("stop", CANCELING, age=2, processing=50, source="tickets.jsonl")
CLEAN = entry("clean", age=30, took=3, succeeded=100, source="invoices.jsonl")
FAILED = entry("failed", age=50, took=0.2, succeeded=10, errored=7, canceled=1, expired=2)
OLD = entry("old", age=24 * 40, took=23, succeeded=1_200_000)
GONE = entry("gone", age=60, succeeded=5, gone=True, results=ResultFile("gone", True, 5, 1, attention=3))
EVERYTHING = [RUNNING, STOPPING, CLEAN, FAILED, OLD, GONE]


def found(text: str) -> set[str]:
    test = query.parse(text)
    return {each.id.removeprefix("msgbatch_") for each in EVERYTHING if test(each, NOW)}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "run stop clean failed old gone"),
        ("   ", "run stop clean failed old gone"),
        ("nightly", "run"),
        ("NIGHTLY run", "run"),
        ("jsonl", "stop clean"),
        ("msgbatch_fai", "failed"),
        ("no-such-thing", ""),
        ("!jsonl", "run failed old gone"),
        ("!!jsonl", "stop clean"),
        ("!", ""),
        ("state:in", "run"),
        ("state=ended", "clean failed"),
        ("state:e !state:ended", ""),
        ("STATE:Canceling", "stop"),
        ("state:archived", "old"),
        ("state:deleted", "gone"),
        ("id:clean", "clean"),
        ("name:nightly", "run"),
        ("name:tickets", "stop"),
        ("source:INVOICES", "clean"),
        ("source:", "run stop clean failed old gone"),
        ("errors>0", "failed"),
        ("errors>=7 errored<=7", "failed"),
        ("errors<7", "run stop clean old gone"),
        ("errors=7", "failed"),
        ("errors:7", "failed"),
        ("!errors=0", "failed"),
        ("canceled>0 expired=2", "failed"),
        ("processing>=50", "run stop"),
        ("succeeded>99", "clean old"),
        ("requests>1k", "run old"),
        ("requests>=1M", "old"),
        ("requests>1,999", "run old"),
        ("requests<1_000", "stop clean failed gone"),
        ("problems>=3", "failed gone"),
        ("age<2d", "run stop clean"),
        ("age<2", "run stop clean"),
        ("age>4w", "old"),
        ("age>=50h age<=60h", "failed gone"),
        ("age<180m", "stop"),
        ("age<7200s", ""),
        ("age<=7200s", "stop"),
        ("took>2.5h", "run clean old"),
        ("took<15m", "failed"),
        ("left<5h", "run old"),
        ("nightly errors>0", ""),
        ("errors", ""),
        ("nosuchfield:3", ""),
        ("state>ended", ""),
    ],
)
def test_terms(text: str, names: str) -> None:
    assert found(text) == set(names.split())


@pytest.mark.parametrize(
    "text",
    [
        *("errors>many", "errors>", "errors>-1", "errors>1.5", "requests=1G", "!errors>x", "ok errors>x"),
        *("age<tomorrow", "age<", "age=2d", "age:2d", "took>3x", "left<"),
    ],
)
def test_terms_that_make_no_sense_say_so(text: str) -> None:
    with pytest.raises(query.QueryError, match="write a") as caught:
        query.parse(text)
    assert text.split()[-1].removeprefix("!") in str(caught.value)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_any_text_is_a_filter_or_a_sentence(hostile: str) -> None:
    for made in (hostile, f"state:{hostile}", f"errors>{hostile}", f"age<{hostile}", f"!{hostile}"):
        try:
            test = query.parse(made)
        except query.QueryError:
            continue
        assert test(RUNNING, NOW) in (True, False)


def test_huge_numbers_are_numbers() -> None:
    assert not found("requests>" + "9" * 400)
    assert len(found("age<" + "9" * 400 + "w")) == len(EVERYTHING)


def test_states_in_one_word() -> None:
    words = [query.state_word(each, NOW) for each in EVERYTHING]
    assert words == ["in_progress", "canceling", "ended", "ended", "archived", "deleted"]


def test_time_left_is_to_expiry_and_then_to_the_end_of_the_results() -> None:
    assert query.time_left(RUNNING, NOW) == 4 * HOUR
    assert query.time_left(CLEAN, NOW) == timedelta(days=29) - 30 * HOUR
    assert query.time_left(OLD, NOW) == timedelta()


def test_views() -> None:
    shown = {view.id: {e.id[9:] for e in EVERYTHING if view.holds(e)} for view in query.VIEWS}
    assert shown == {
        "all": {"run", "stop", "clean", "failed", "old", "gone"},
        "running": {"run", "stop"},
        "ended": {"clean", "failed", "old", "gone"},
        "attention": {"failed"},
    }
    lost = entry("lost", IN_PROGRESS, gone=True, processing=1)
    assert not query.VIEWS[1].holds(lost)


def order(by: str, *, descending: bool, entries: list[Entry] = EVERYTHING) -> list[str]:
    rows = query.choose(entries, query.VIEWS[0], query.parse(""), by, descending, NOW)
    return [row.id[9:] for row in rows]


def test_orders() -> None:
    assert order("created", descending=True) == ["stop", "run", "clean", "failed", "gone", "old"]
    assert order("created", descending=False) == ["old", "gone", "failed", "clean", "run", "stop"]
    assert order("requests", descending=True) == ["old", "run", "clean", "stop", "failed", "gone"]
    assert order("state", descending=False) == ["run", "stop", "failed", "clean", "old", "gone"]
    assert order("left", descending=False)[:2] == ["old", "run"]
    assert order("no such column", descending=True) == order("created", descending=True)


@pytest.mark.parametrize("by", query.ORDERS)
@pytest.mark.parametrize("descending", [True, False])
def test_equals_stay_newest_first_in_every_order(by: str, descending: bool) -> None:
    same = [entry(f"{n}", age=5, took=1, label="same", succeeded=3) for n in range(6)]
    newer = [
        Entry(
            Batch(f"msgbatch_n{n}", ENDED, Counts(succeeded=3), NOW - n * HOUR / 3600, ended_at=NOW), "same"
        )
        for n in (2, 1, 0)
    ]
    assert order(by, descending=descending, entries=same) == ["0", "1", "2", "3", "4", "5"]
    if by not in ("created", "time", "left"):
        assert order(by, descending=descending, entries=newer) == ["n0", "n1", "n2"]


def test_a_choice_is_view_and_filter_together() -> None:
    rows = query.choose(EVERYTHING, query.VIEWS[2], query.parse("requests>50"), "created", True, NOW)
    assert rows == [CLEAN, OLD]


def test_usual_duration_is_the_median_of_similar_ones() -> None:
    ended = [entry(f"{n}", took=n, succeeded=100) for n in (1, 2, 9)]
    assert query.usual_duration(ended, 100) == 2 * HOUR
    assert query.usual_duration(ended, 25) == query.usual_duration(ended, 400) == 2 * HOUR
    assert query.usual_duration(ended, 24) is query.usual_duration(ended, 401) is None
    assert query.usual_duration(ended[:2], 100) is None
    other = [entry("x", took=50, succeeded=100, cancelled=True), entry("y", IN_PROGRESS, processing=100)]
    assert query.usual_duration([*ended, *other], 100) == 2 * HOUR
