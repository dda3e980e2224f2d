"""The way from a source to a yes, without a screen: steps, what is kept, and what no longer counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tui.commands import SendRun
from tui.errors import UsageError
from tui.model import (
    DRAFT,
    MAP,
    OPENAI,
    REQUESTS,
    TABLE,
    Draft,
    Estimate,
    Launch,
    Look,
    Making,
    Run,
    Sample,
)
from tui.screens.launch_fields import model_map, split_paths, tokens
from tui.screens.launch_state import (
    CHECK,
    CHOOSE,
    PROGRESS,
    RECIPE,
    SEND,
    LaunchState,
)

NOW = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)


def looked(kind: str, said: str = "data") -> LaunchState:
    state = LaunchState(said=said)
    state.looked(said, "", (Path(said),), Look(kind, ("a", "b")))
    return state


def a_run(run_id: str = "one", sha256: str = "sum", parts: int = 1, sample: bool = False) -> Run:
    numbers = range(0 if sample else 1, parts + 1)
    launches = [
        Launch(f"{run_id}-{n}", DRAFT, "tickets", "/data/t.csv", 5, 70, "s", NOW, run_id=run_id, part=n)
        for n in numbers
    ]
    return Run(run_id, tuple(launches), NOW, sha256=sha256, recipe="r", betas=("b",), kind=TABLE)


@pytest.mark.parametrize(
    ("kind", "steps"),
    [
        (REQUESTS, (CHOOSE, CHECK, SEND)),
        (TABLE, (CHOOSE, RECIPE, CHECK, SEND)),
        (OPENAI, (CHOOSE, RECIPE, CHECK, SEND)),
    ],
)
def test_ready_requests_need_no_recipe(kind: str, steps: tuple[str, ...]) -> None:
    assert looked(kind).steps == steps


def test_one_step_at_a_time_there_and_back() -> None:
    state = looked(TABLE)
    seen = [state.step]
    while (step := state.next_step) is not None:
        state.step = step
        seen.append(step)
    assert seen == [CHOOSE, RECIPE, CHECK, SEND]
    while (step := state.step_before) is not None:
        state.step = step
    assert state.step == CHOOSE


def test_there_is_no_way_back_from_the_progress() -> None:
    state = looked(TABLE)
    state.say_yes(SendRun("one"))
    assert (state.step, state.step_before, state.next_step) == (PROGRESS, None, None)


def test_what_a_source_is_counts_only_for_what_the_field_says() -> None:
    state = looked(TABLE)
    state.number = 7
    state.say("other")
    assert state.look is None and state.paths == () and state.number == 1
    state.say("data")
    assert state.look is not None
    state.kind = REQUESTS
    assert state.look is None


def test_a_check_counts_only_for_the_very_same_wish() -> None:
    state = looked(TABLE)
    state.checked(state.wish, Draft("data", 3))
    assert state.draft is not None
    state.model = "claude-haiku-5-5"
    assert state.draft is None
    state.model = ""
    assert state.draft is not None
    state.max_tokens = "many"
    assert state.draft is None
    state.max_tokens = ""
    state.forget_check()
    assert state.draft is None


@pytest.mark.parametrize(
    "change", [{"name": "new"}, {"sample": Sample(1)}, {"model": "m"}, {"maps_ids": True}]
)
def test_drafts_are_made_anew_for_anything_that_is_in_them(change: dict[str, object]) -> None:
    state = looked(TABLE)
    state.prepared(state.wish, "", state.sample, a_run(), Draft("data", 5))
    assert state.is_prepared
    vars(state).update(change)
    assert not state.is_prepared


def test_the_cost_is_that_of_the_run_whose_drafts_are_there() -> None:
    state = looked(TABLE)
    state.prepared(state.wish, "", state.sample, a_run(), Draft("data", 5))
    state.estimate = Estimate(5)
    state.take_up(a_run(), Draft("data", 5))
    assert state.estimate is not None
    state.prepared(state.wish, "", Sample(1), a_run("two"), Draft("data", 5))
    assert state.estimate is None
    state.estimate = Estimate(5)
    state.dropped()
    assert state.estimate is None and not state.is_prepared


def test_fields_become_what_the_sources_understand() -> None:
    state = looked(TABLE)
    state.recipe = "classify"
    state.edit("prompt = 'x'")
    state.model, state.max_tokens, state.maps_ids = " claude-haiku-5-5 ", "1,024", True
    state.mapping = "gpt-4o=claude-sonnet-5"
    making = state.making()
    assert making.recipe_text == "prompt = 'x'" and making.ids == MAP and making.map_model == ()
    assert (making.override.model, making.override.max_tokens) == ("claude-haiku-5-5", 1024)


def test_only_what_names_other_models_gets_their_map() -> None:
    state = looked(OPENAI)
    state.mapping = "gpt-4o=claude-sonnet-5"
    state.recipe, state.texts = "classify", {"classify": "x"}
    assert state.making().map_model == (("gpt-4o", "claude-sonnet-5"),)
    assert state.making().recipe_text == ""


def test_ready_requests_are_taken_as_they_are() -> None:
    state = looked(REQUESTS)
    state.model, state.maps_ids, state.max_tokens = "m", True, "x"
    assert state.making() == Making()


def test_recipes_keep_what_was_edited_in_each_of_them() -> None:
    state = looked(TABLE)
    state.recipe = "classify"
    state.edit("mine")
    state.recipe = "extract"
    state.edit("other")
    state.recipe = "classify"
    assert state.recipe_text == "mine"


@pytest.mark.parametrize(
    ("said", "number"), [("", 0), ("  ", 0), ("1024", 1024), ("1,024", 1024), ("64_000", 64000)]
)
def test_max_tokens(said: str, number: int) -> None:
    assert tokens(said) == number


@pytest.mark.parametrize("said", ["0", "-1", "1.5", "many", "1e3", "9" * 30, "٣", "000000000000012"])
def test_what_is_no_max_tokens_is_said(said: str) -> None:
    with pytest.raises(UsageError, match="max_tokens"):
        tokens(said)


def test_the_map_of_models() -> None:
    assert model_map("") == ()
    assert model_map(" a = b , c=d;e=f,") == (("a", "b"), ("c", "d"), ("e", "f"))


@pytest.mark.parametrize("said", ["a", "a=", "=b", "a=b, c"])
def test_half_a_pair_is_no_pair(said: str) -> None:
    with pytest.raises(UsageError, match="map of models"):
        model_map(said)


def test_paths_of_a_field(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/zoe")
    assert split_paths("", {}) == ()
    assert split_paths(" a.csv ", {}) == (Path("a.csv"),)
    assert split_paths("my file.csv; ~/b/*.md;", {}) == (Path("my file.csv"), Path("/home/zoe/b/*.md"))
    (tmp_path / "a;b.csv").touch()
    assert split_paths("a;b.csv", {}) == (Path("a;b.csv"),)


def test_what_cannot_be_typed_is_taken_as_it_was_picked() -> None:
    strange = Path("/data/a\x1b[2J.csv")
    picked = {"/data/a␛[2J.csv": strange}
    assert split_paths("/data/a␛[2J.csv", picked) == (strange,)
    assert split_paths("/data/a␛[2J.csv; b.csv", picked) == (strange, Path("b.csv"))


def test_names_that_no_disk_can_hold_are_left_to_the_look() -> None:
    assert split_paths("a\x00;b", {}) == (Path("a\x00"), Path("b"))


def test_a_draft_from_some_other_time_goes_straight_to_the_yes() -> None:
    state = looked(REQUESTS)
    state.checked(state.wish, Draft("data", 3))
    state.estimate = Estimate(3)
    state.take_up(a_run(), Draft("data", 5))
    assert (state.step, state.steps) == (SEND, (CHOOSE, SEND))
    assert state.is_prepared and state.estimate is None
    assert state.draft is not None and state.draft.requests == 5
    assert state.said == "/data/t.csv"
    state.step = CHOOSE
    state.say("/data/other.csv")
    assert state.adopted is None


def test_a_refusal_leads_back_to_the_yes() -> None:
    state = looked(TABLE)
    run = a_run()
    state.prepared(state.wish, "", state.sample, run, Draft("data", 5))
    state.say_yes(SendRun(run.id))
    state.try_again(replace(run, problem="No credit."))
    assert state.step == SEND and state.sending is None and state.is_prepared
    assert state.run is not None and state.run.problem == "No credit."


def test_the_next_launch_begins_with_nothing_but_the_recipes() -> None:
    state = looked(TABLE)
    state.recipe = "mine"
    state.open("mine", "x")
    state.model = "m"
    state.say_yes(SendRun("one"))
    state.begin_again()
    assert state == LaunchState(recipe="mine", texts={"mine": "x"}, ready={"mine": ("x", ("a", "b"))})


def test_a_recipe_follows_the_columns_until_somebody_edits_it() -> None:
    state = looked(TABLE)
    state.recipe = "classify"
    assert state.is_stale("classify")
    state.open("classify", "for a and b")
    assert not state.is_stale("classify") and not state.is_edited("classify")
    state.say("other")
    state.looked("other", "", (Path("other"),), Look(TABLE, ("c",)))
    assert state.is_stale("classify")
    state.edit("mine")
    assert state.is_edited("classify") and not state.is_stale("classify")
