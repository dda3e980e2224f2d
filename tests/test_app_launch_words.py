"""What the launch screen says: problems, plan, cost, progress; foreign text is harmless in all of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from textual.content import Content

from tui.model import (
    ERROR,
    FAILED,
    SENDING,
    SENT,
    UNCERTAIN,
    WARNING,
    Draft,
    DraftPart,
    Estimate,
    Launch,
    Look,
    Making,
    Problem,
    ProblemGroup,
    Run,
    Sample,
)
from tui.pace import Pace
from tui.screens.launch_recipes import recipe_offers, recipe_stem, recipe_title
from tui.screens.launch_state import EMPTY, OWN
from tui.widgets import flow, request_words
from tui.widgets.draft_words import group_words, groups_of, verdict
from tui.widgets.estimate_words import estimate_lines, price_words
from tui.widgets.flow import Item, Words
from tui.widgets.look_words import columns_line, look_words, trouble_words
from tui.widgets.path_field import completion
from tui.widgets.plan_words import batches_of, models_of, plan_lines, sample_words
from tui.widgets.send_words import launch_question, send_words, sent_before
from tui.widgets.step_line import step_line
from tui.widgets.upload_words import end_words, part_lines, reading_line, sent_bytes, upload_line

NOW = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)
EVIL = "a\x1b[2J\x07[/]‮b"


def plain(lines: Iterable[Item | Content]) -> str:
    items = [each if not isinstance(each, Content) else Words(each) for each in lines]
    return flow.plain(items).plain


def harmless(said: str) -> bool:
    return not any(sign in said for sign in ("\x1b", "\x07", "‮")) and "[/]" in said


# -- steps --------------------------------------------------------------------------------------------------


def test_the_step_one_is_at_is_told_without_colours() -> None:
    said = step_line("New batch", ["choose", "recipe", "check", "send"], "check").plain
    assert said == "New batch   ✓ Choose › ✓ Recipe › [Check] › Send"
    assert "[" not in step_line("New batch", ["choose", "send"], "").plain


# -- source -------------------------------------------------------------------------------------------------


def test_columns_and_names_of_a_source_are_harmless() -> None:
    look = Look("table", (EVIL, "b"), note=f"CSV of {EVIL}")
    said = look_words(look).plain
    assert harmless(said) and "columns" in said
    assert harmless(columns_line((EVIL,)).plain)
    assert harmless(trouble_words(EVIL, EVIL).plain)


def test_the_last_of_several_paths_is_completed(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(str(tmp_path))
    from pathlib import Path

    for name in ("tickets.csv", "letters"):
        Path(name).touch() if "." in name else Path(name).mkdir()
    assert completion("tic") == "tickets.csv"
    assert completion("tickets.csv; let") == "tickets.csv; letters/"
    assert completion("tickets.csv") is None and completion("; ") is None and completion("a\x00") is None


# -- problems -----------------------------------------------------------------------------------------------


def test_problems_are_grouped_errors_first() -> None:
    problems = (
        Problem("a:1", "odd", severity=WARNING),
        *(Problem(f"a:{n}", "too long", "Shorten it.") for n in range(2, 9)),
        Problem("a:9", "broken"),
        Problem("a:10", "odd", severity=WARNING),
    )
    groups = groups_of(Draft("a", 3, problems=problems, problem_count=8, warning_count=2))
    assert [(group.what, group.count) for group in groups] == [("too long", 7), ("broken", 1), ("odd", 2)]
    folded = plain(group_words(groups[0], problems))
    assert "7 × too long" in folded and "→ Shorten it." in folded and "and 3 more" in folded
    unfolded = plain(group_words(groups[0], problems, unfolded=True))
    assert "a:2, :3, :4, :5, :6, :7, :8" in unfolded and "more" not in unfolded


def test_what_is_no_longer_known_by_its_place_is_still_counted() -> None:
    group = ProblemGroup("too long", "", ERROR, 5000, ("a:1", "a:2"))
    assert groups_of(Draft("a", groups=(group,))) == (group,)
    assert "… and 4,998 more" in plain(group_words(group, (), unfolded=True))


def test_a_warning_has_another_sign_than_an_error() -> None:
    assert plain(group_words(ProblemGroup("w", "", WARNING, 1, ("a:1",)), ())).startswith("! w")
    assert plain(group_words(ProblemGroup("e", "", ERROR, 1, ("a:1",)), ())).startswith("✗ e")
    assert harmless(plain(group_words(ProblemGroup(EVIL, EVIL, ERROR, 2, (EVIL,)), ())))


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (Draft("a", 3), "✓ 3 requests in order"),
        (Draft("a", 3, problem_count=2), "✗ 2 problems: nothing can be sent"),
        (Draft("a", 0), "✗ there is nothing in it to send"),
        (Draft("a", 3, warning_count=1), "✓ 3 requests in order, with 1 warning"),
    ],
)
def test_the_verdict(draft: Draft, said: str) -> None:
    assert verdict(draft)[0] == said


# -- plan ---------------------------------------------------------------------------------------------------


def test_why_there_are_several_batches() -> None:
    parts = (DraftPart(100_000, 10), DraftPart(100_000, 10), DraftPart(50_000, 10))
    by_number = Draft("a", 250_000, 100_000_000, parts=parts)
    assert batches_of(by_number) == "3 batches, for one takes at most 100,000 requests"
    by_size = Draft("a", 300, 500_000_000, parts=parts[:2])
    assert batches_of(by_size) == "2 batches, for one takes at most 256 MB"
    wished = Draft("a", 30, 500, parts=parts)
    assert batches_of(wished, Making(most_requests=10)).endswith("at most 10 requests")
    assert batches_of(Draft("a", 3)) == "1 batch"
    # Of a draft from some other time nobody knows why.
    assert batches_of(wished, None) == "3 batches"


def test_a_sample_goes_first_in_the_plan() -> None:
    draft = Draft("a", 100, 10, parts=(DraftPart(10, 1, sample=True), DraftPart(90, 9)))
    assert batches_of(draft) == "10 requests first as a sample, then 1 batch"
    assert [sample_words(each) for each in (Sample(), Sample(1), Sample(10), Sample(10, random=True))] == [
        "none",
        "the first one",
        "the first 10",
        "10 at random",
    ]


def test_models_of_a_plan() -> None:
    draft = Draft("a", 9, 10, models=tuple((f"{EVIL}{n}", n) for n in range(6)), mapped=2)
    assert models_of(draft).endswith("and 2 more models")
    said = plain(plan_lines(draft))
    assert harmless(said) and "2 custom_ids made here" in said


# -- cost ---------------------------------------------------------------------------------------------------

KNOWN = Estimate(
    1000,
    (1_100_000, 1_200_000, 1_300_000),
    50,
    256_000,
    41_000,
    "tickets of Nov 20",
    "0.8",
    "1.2",
    "3.4",
    "6.8",
    prices_date="2026-11-01",
    notes=("The cache saves some of it.",),
)


def test_the_cost_is_a_range_with_its_saving() -> None:
    said = plain(estimate_lines(KNOWN))
    assert "1.2M tokens likely, 1.1M to 1.3M  (the service counted 50 requests)" in said
    assert "41k likely, 256k tokens at most  (likely from tickets of Nov 20)" in said
    assert "$1.20 likely, $0.8000 to $3.40" in said and "prices of 2026-11-01" in said
    assert "at most $6.80  (the batch saves $3.40 of it)" in said
    assert "The cache saves some of it." in said


def test_a_guess_is_called_a_guess() -> None:
    assert "a guess from the length of the texts" in plain(estimate_lines(replace(KNOWN, counted=0)))


def test_what_has_no_price_is_unknown_and_never_nothing() -> None:
    unpriced = Estimate(3, (10, 10, 10), 3, 64, unknown_models=("mine",))
    said = plain(estimate_lines(unpriced))
    assert price_words(unpriced) == "unknown"
    assert "$0" not in said and "mine has no price here" in said
    assert price_words(replace(KNOWN, unknown_models=("mine",))).endswith(" + unknown")


def test_a_price_without_a_range_is_said_once() -> None:
    assert price_words(replace(KNOWN, low="3.4", likely="3.4")) == "at most $3.40"
    assert price_words(replace(KNOWN, low=None, likely=None)) == "at most $3.40"
    assert price_words(replace(KNOWN, low=None, likely=None, high="0.00001")) == "less than $0.0001"
    assert price_words(replace(KNOWN, high="junk", likely=None)) == "$0.8000 at least"


def test_limits_and_foreign_models_in_a_cost_are_said_harmlessly() -> None:
    said = plain(
        estimate_lines(replace(KNOWN, unknown_models=(EVIL,), notes=(EVIL,), over=(f"Over {EVIL}.",)))
    )
    assert harmless(said) and "! Over" in said


# -- sending ------------------------------------------------------------------------------------------------


def a_run(*states: str, sample: bool = False, **changes: object) -> Run:
    launches = [
        Launch(
            f"l{n}",
            state,
            f"t{EVIL}",
            "/data/t.csv",
            10,
            1000,
            "s",
            NOW,
            run_id="r",
            part=n if sample else n + 1,
            batch_id=f"msgbatch_{n}" if state == SENT else None,
            problem="No credit." if state == FAILED else "",
            sent_at=NOW if state == SENT else None,
        )
        for n, state in enumerate(states)
    ]
    return replace(Run("r", tuple(launches), NOW), **changes)  # type: ignore[arg-type]


def test_all_that_one_should_know_before_a_yes() -> None:
    draft = Draft("/data/t.csv", 20, 2000, parts=(DraftPart(10, 1000), DraftPart(10, 1000)))
    before = a_run(SENT)
    said = send_words(
        draft, None, KNOWN, "", sample=Sample(1), lanes=2, before=[before], now=NOW
    ).content.plain
    for words in (
        "2 batches",
        "$1.20 likely",
        "the first one",
        "2 at a time",
        "launched before",
        "msgbatch_0",
    ):
        assert words in said
    assert harmless(said)
    waiting = send_words(draft, None, None, "", sample=Sample(), lanes=1, before=[], now=NOW).content.plain
    assert "counting tokens" in waiting
    failed = send_words(
        draft, None, None, "No line.", sample=Sample(), lanes=1, before=[], now=NOW
    ).content.plain
    assert "unknown: No line." in failed


def test_an_earlier_run_is_named_with_its_batch() -> None:
    assert harmless(sent_before(a_run(SENT), NOW))
    assert sent_before(a_run(UNCERTAIN), NOW).endswith("uncertain")


def test_parts_on_their_way() -> None:
    run = a_run(SENT, SENDING, UNCERTAIN, FAILED, "draft", problem="The queue is full: part 2 waits.")
    said = plain(part_lines(run, {"l1": 250}))
    for words in (
        "msgbatch_0",
        "being sent  25%",
        "nobody knows",
        "not sent: No credit.",
        "waits",
        "queue is full",
    ):
        assert words in said
    assert sent_bytes(run, {"l1": 250}) == (1250, 5000)


@pytest.mark.parametrize(
    ("run", "sample_only", "said"),
    [
        (a_run(SENT, "draft", sample=True), True, "✓ the sample was sent; enter opens the run"),
        (a_run(FAILED), False, "✗ not sent: No credit."),
        (a_run("draft"), False, "✗ not sent"),
        (
            a_run(SENT, "draft", problem="Stopped by the user."),
            False,
            "! 1 batch not sent: Stopped by the user. enter opens the run, where L sends the rest",
        ),
    ],
)
def test_how_a_sending_has_ended(run: Run, sample_only: bool, said: str) -> None:
    assert end_words(run, sample_only=sample_only)[0] == said


def test_the_pace_is_that_of_the_last_seconds() -> None:
    pace = Pace()
    assert pace.rate is None and pace.left(100) is None
    pace.note(0.0, 0)
    pace.note(0.1, 5_000_000)
    assert pace.rate is None
    for second in range(1, 30):
        pace.note(float(second), 5_000_000 + second * 1000)
    assert pace.rate == pytest.approx(1000)
    assert pace.left(9000) == timedelta(seconds=9)
    pace.note(30.0, 10)
    assert pace.rate is None


def test_the_bar_says_size_rate_and_time_left() -> None:
    pace = Pace()
    pace.note(0.0, 0)
    pace.note(2.0, 2_000_000)
    said = upload_line(2_000_000, 10_000_000, pace).plain
    assert said.endswith("  2.0 MB of 10.0 MB · 1.0 MB/s · 8 s left")
    assert said.count("█") == 4
    assert "waiting for the answer" in upload_line(10, 10, pace).plain
    assert "left" not in upload_line(0, 0, Pace()).plain
    assert reading_line("checking", 0, 0).plain == "checking …"
    assert "45.0 MB of 90.0 MB" in reading_line("checking", 45_000_000, 90_000_000).plain


# -- one request --------------------------------------------------------------------------------------------


def test_a_request_is_shown_with_its_problems_and_harmless() -> None:
    source = json.dumps(
        {"custom_id": EVIL, "params": {"messages": [{"role": "user", "content": EVIL}]}}
    ).encode()
    for shown in (
        request_words.sent(source, [Problem("t.csv:3", EVIL, EVIL)]),
        request_words.readable(source, [Problem("t.csv:3", EVIL, EVIL)]),
        request_words.only([Problem("", EVIL)]),
    ):
        assert harmless(shown.content.plain)


def test_images_are_folded_and_what_stands_behind_them_is_seen() -> None:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "A" * 400_000}}
    params = {"messages": [{"role": "user", "content": [image, {"type": "text", "text": "What is it?"}]}]}
    said = request_words.sent(json.dumps({"custom_id": "a", "params": params}).encode()).content.plain
    assert "300 kB as base64" in said and "What is it?" in said and len(said) < 1000


def test_a_request_that_is_no_json_is_shown_as_it_is() -> None:
    assert "{oops" in request_words.sent(b"{oops").content.plain
    assert isinstance(request_words.sent(b"\xff\xfe").content, Content)


# -- questions and offers -----------------------------------------------------------------------------------


def test_the_question_before_a_yes() -> None:
    draft = Draft("/data/t.csv", 20, 2000, models=(("m", 20),))
    whole, details = launch_question(
        a_run("draft", "draft"), draft, KNOWN, [], NOW, service="https://gate[/]", only_sample=False
    )
    assert whole == "Launch 20 requests?"
    assert details[0].startswith("cost $1.20 likely") and "as 2 batches" in details[2]
    sampled = a_run("draft", "draft", sample=True)
    first, details = launch_question(
        sampled, draft, None, [a_run(SENT)], NOW, service="https://gate[/]", only_sample=True
    )
    assert first == "Launch a sample of 10 requests?"
    assert details[0] == "all together: cost unknown"
    assert "The other 10 requests wait for another yes." in details
    assert harmless(details[-1]) and details[-1].startswith("! The very same requests")


def test_what_a_dialog_of_recipes_offers() -> None:
    ready = (("classify", f"Put texts into classes: {EVIL}"), ("sum", "Sum up, briefly"))
    offers = recipe_offers(ready, ["classify", f"{OWN}/data/{EVIL}.toml"])
    assert [value for value, _ in offers] == ["classify", "sum", f"{OWN}/data/{EVIL}.toml", OWN, EMPTY]
    assert offers[0][1] == "classify  Put texts into classes"
    assert offers[1][1] == "sum       Sum up"
    assert harmless(offers[2][1])
    assert recipe_title(f"{OWN}a/b\x1b[2J.toml") == "b␛[2J.toml"
    assert recipe_title("") == "none yet; ctrl+r chooses one" and recipe_title(EMPTY) == "yours"
    assert (recipe_stem("classify"), recipe_stem(EMPTY)) == ("classify", "recipe")
