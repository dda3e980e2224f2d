"""What a run is said to be: what was given up is neither waited for nor counted as sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from textual.content import Content

from tests.estimating import launch
from tui.model import DROPPED, ENDED, UNCERTAIN, Counts, Entry, Run, Selection, as_one, utc_now
from tui.widgets.run_words import launch_lines, run_cells, run_facts, run_heading
from tui.widgets.selection_words import shown_words

NOW = utc_now()
SAMPLE = launch("a", 0, 1, NOW, batch_id="msgbatch_1")
REST = launch("a", 1, 150, None)


def told(lines: Iterable[Content]) -> str:
    return "\n".join(line.plain for line in lines)


def whole(run: Run) -> Entry:
    return as_one(run, [])


def test_a_rest_that_was_given_up_is_counted_as_such() -> None:
    run = Run("a", (SAMPLE, replace(REST, state=DROPPED)), NOW)
    assert "151 requests · 1 of 1 batch sent" in run_heading(run, whole(run)).plain
    assert "151 requests: 150 given up" in told(run_facts(run, whole(run), NOW))
    lines = told(launch_lines(run, {}, NOW, 3)).splitlines()
    assert "sample" in lines[0] and "dropped" in lines[1], "what was sent tells more"


def test_a_retry_that_nobody_said_yes_to_leaves_no_trace() -> None:
    run = Run("a", (SAMPLE, replace(REST, attempt=2, state=DROPPED)), NOW)
    assert run_cells(run, whole(run), NOW)["tries"].text == "1"
    assert "1 of 1 batch sent" in run_heading(run, whole(run)).plain
    assert "given up" not in told(run_facts(run, whole(run), NOW))
    assert len(launch_lines(run, {}, NOW, 3)) == 1


def test_a_retry_that_waits_is_told_with_the_key_that_sends_it() -> None:
    run = Run("a", (SAMPLE, replace(REST, attempt=2)), NOW)
    assert "150 requests to be tried again, not sent: L sends them" in told(run_facts(run, whole(run), NOW))


def test_an_unclear_end_is_told_with_the_key_that_settles_it() -> None:
    run = Run("a", (SAMPLE, replace(REST, attempt=2, state=UNCERTAIN)), NOW)
    ended = replace(whole(run), batch=replace(whole(run).batch, state=ENDED, counts=Counts(errored=1)))
    said = told(run_facts(run, ended, NOW))
    assert "u settles it" in said and "t tries them again" not in said, "that would be refused"


@pytest.mark.parametrize(
    ("lines", "so_far", "said"),
    [(1, False, "1 result"), (1, True, "1 result so far"), (2_000, False, "2,000 results")],
)
def test_one_result_is_no_results(lines: int, so_far: bool, said: str) -> None:
    assert shown_words(lines, lines, Selection(), so_far=so_far).plain == said
