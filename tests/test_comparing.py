"""Two runs of the same requests: what is called the same is, and every difference is found and counted."""

from __future__ import annotations

import json
import random
import threading
from argparse import Namespace
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from tui.cli.comparing import compare as command
from tui.errors import DeckError, NotAvailable, StoreError, UsageError
from tui.handlers import Services, matching
from tui.handlers import comparing as handler
from tui.handlers.matching import Compared
from tui.model import Batch, Counts, utc_now
from tui.records import Indexer
from tui.records import comparing as pure
from tui.records.comparing import ABSENT, CALLS, ERROR, MORE, OUTCOME, READING, TEXT, by_lines
from tui.records.comparison import NOTHING
from tui.records.said import alike
from tui.records.side_by_side import MOST_LINES, readable, side_by_side
from tui.records.tallies import (
    DIFFERENT,
    MOST_FIELDS,
    NOT_COMPARED,
    ONLY_LEFT,
    ONLY_RIGHT,
    SAME,
    Bits,
    FieldReport,
    Often,
    Tallies,
)

Item = tuple[str, Any]
"""A custom_id and what became of it: a text, data for a fenced block, content blocks, or an outcome."""


def result(content: Any, outcome: str = "succeeded", stop: str = "end_turn") -> dict[str, Any]:
    if outcome == "errored":
        return {"type": outcome, "error": {"type": "error", "error": {"type": content, "message": "no"}}}
    if outcome != "succeeded":
        return {"type": outcome}
    if isinstance(content, dict):
        content = f"```json\n{json.dumps(content)}\n```"
    if isinstance(content, str):
        content = [{"type": "text", "text": content}]
    message = {"model": "m", "content": content, "stop_reason": stop, "id": f"msg_{random.random()}"}
    return {"message": message, "type": outcome}


def raw(content: Any, **more: str) -> bytes:
    return json.dumps({"custom_id": "a", "result": result(content, **more)}).encode()


def line(custom_id: str, content: Any, **more: str) -> bytes:
    return json.dumps({"custom_id": custom_id, "result": result(content, **more)}).encode() + b"\n"


def tool(*inputs: Any, name: str = "t") -> list[dict[str, Any]]:
    return [{"type": "tool_use", "id": f"x{random.random()}", "name": name, "input": each} for each in inputs]


async def keep(services: Services, batch_id: str, lines: Iterable[bytes], *, complete: bool = True) -> str:
    """A batch whose results are on disk and in the index."""
    everything = list(lines)
    account = await services.account()
    ended = utc_now() - timedelta(hours=1)
    batch = Batch(batch_id, "ended", Counts(succeeded=len(everything)), ended)
    await services.store.batches.save(account.id, [batch], utc_now())
    data = b"".join(everything)
    place = services.paths.result_file if complete else services.paths.result_part
    place(batch_id).write_bytes(data)
    with services.store.results.writer(batch_id) as writer:
        writer.clear()
        indexer = Indexer()
        writer.add([*indexer.feed(data), *indexer.finish()])
        if complete:
            writer.finish(complete=True, missing=0, bytes=len(data))
    return batch_id


async def compared(services: Services, left: tuple[str, ...], right: tuple[str, ...]) -> Compared:
    told = [each async for each in handler.compare(services, left, right)]
    assert [each.complete for each in told] == [False] * (len(told) - 1) + [True]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("compare")]
    return told[-1]


async def verdicts(services: Services, told: Compared) -> dict[str, tuple[str, tuple[str, ...]]]:
    comparison = told.comparison
    rows = await handler.pair_rows(services, comparison, range(len(comparison)))
    return {row.custom_id: (row.verdict, tuple(each.path for each in row.differs)) for row in rows}


def field(told: Compared, path: str) -> FieldReport:
    (found,) = [each for each in told.report.fields if each.path == path]
    return found


# -- one pair -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "differing"),
    [
        ("Yes.", "Yes.  \r\n", []),
        ("a  \nb\n\n", "a\nb", []),
        ("a\nb", "a\n b", [TEXT]),
        ("Yes.", "yes.", [TEXT]),
        ("", "Yes", [TEXT]),
        ("", [], []),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1.0}, []),
        ({"a": 1}, {"a": True}, ["a"]),
        ({"a": 0}, {"a": False}, ["a"]),
        ({"a": 1}, {"a": "1"}, ["a"]),
        ({"a": None}, {}, ["a"]),
        ({"a": None}, {"a": "null"}, ["a"]),
        ({"a": {"x": 1, "y": 2}}, {"a": {"x": 1, "y": 3}}, ["a.y"]),
        ({"a": {"x": 1}}, {"a": [1]}, ["a", "a.x"]),
        ({"a": [1, 2]}, {"a": [2, 1]}, ["a"]),
        ({"a": [{"x": 1, "y": 2}]}, {"a": [{"y": 2, "x": 1}]}, []),
        ({"b": 1, "a": [{"x": 1, "y": 2}]}, {"b": 2, "a": [{"y": 2, "x": 1.0}]}, ["b"]),
        ({"a": 1}, 'I think:\n{"a": 1}\nAs asked.', []),
        ({"a": 1}, '{"a": 1}', []),
        ({"a": 1}, tool({"a": 1}), []),
        ({"a": 1}, tool({"a": 1}, {"b": 1}), [CALLS]),
        ({"a": 1}, "It is 1.", [READING, "a"]),
        ("It is 1.", {"a": 1}, [READING, "a"]),
        (tool({"a": 1}), tool({"a": 1}, {"b": 2}), [CALLS]),
        (tool({"a": 1}, {"b": 2}), tool({"a": 1}, {"b": 3}), [CALLS]),
        (tool({"a": 1}), tool({"a": 1}, name="u"), [CALLS]),
        (tool({"a": 1}), [{"type": "text", "text": "Now:"}, *tool({"a": 1})], []),
        (tool({"a": 1}), [{"type": "thinking", "thinking": "hm"}, *tool({"a": 1})], []),
        ('{"a": 1}\n{"a": 2}', '{"a": 1}\n{"a": 3}', [TEXT]),
        ("[1, 2]", "[1,2]", []),
        ("42", "42.0", []),
        ('{"a": 1000000000000000000000000000000}', '{"a": 1e30}', ["a"]),
        ('{"a": 10000000000000000000000}', '{"a": 1e22}', []),
        ("42", "43", ["value"]),
        ('{"[text]": 1}', '{"[text]": 2}', ['"[text]"']),
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "ab", []),
        ([{"type": "new_block", "x": 1}], [{"type": "newer_block", "x": 1}], [TEXT]),
    ],
)
def test_what_is_the_same(left: Any, right: Any, differing: list[str]) -> None:
    for one, other in ((left, right), (right, left)):
        found = by_lines(raw(one), raw(other))
        assert sorted(each.path for each in found.differing) == sorted(differing)
        assert found.same is not bool(differing)


def test_lists_of_objects_are_compared_element_by_element() -> None:
    left = [{"line": 1, "label": "KEEP"}, {"line": 2, "label": "SKIP"}]
    right = [{"label": "KEEP", "line": 1.0}, {"line": 2, "label": "KEEP", "why": "x"}]
    found = by_lines(raw(json.dumps(left)), raw(json.dumps(right)))
    assert [(each.path, each.left, each.right) for each in found.differing] == [
        ("value", ABSENT, ABSENT),
        ("[].label", "SKIP", "KEEP"),
        ("[].why", ABSENT, "x"),
    ]
    assert [each.path for each in found.fields if each.same] == ["[].line", "[].label", "[].line"]
    shorter = by_lines(raw({"a.b": {"items": left}, "n": [1]}), raw({"a.b": {"items": left[:1]}, "n": [2]}))
    assert [each.path for each in shorter.differing] == ['"a.b".items', "n", '"a.b".items[length]']
    assert by_lines(raw({"items": left}), raw({"items": left})).same


def test_hostile_lines_are_compared_and_raise_nothing() -> None:
    deep = b'{"custom_id":"a","result":{"type":"succeeded","message":{"content":[{"type":"text","text":"'
    deep += b"[" * 2_000 + b"]" * 2_000 + b'"}]}}}'
    nested = raw(json.dumps({"a": [[[1]]]}).replace("[[[1]]]", "[" * 900 + "]" * 900))
    surrogate = raw('{"a": "\\ud800"}')
    lines = [deep, nested, surrogate, b"", b"null", b"\xff\xfe", b"[" * 5_000, raw("x"), raw("x\0")]
    for number, left in enumerate(lines):
        for other, right in enumerate(lines):
            assert by_lines(left, right).same is (number == other), (left[:40], right[:40])
        readable(left).encode()
    assert by_lines(b"nonsense", b" nonsense ").same is True


def test_a_tower_of_lists_ends_no_comparison() -> None:
    low: list[Any] = []
    high: list[Any] = []
    for _ in range(100_000):
        low, high = [low], [high]
    assert alike(low, high) in (True, False)
    while low:  # taken down step by step: Python's own way would need a stack as high
        low, high = low[0], high[0]


# -- counting -----------------------------------------------------------------------------------------------


def test_changes_are_bounded_and_the_frequent_ones_survive() -> None:
    often: Often[str] = Often()
    for number in range(50_000):
        often.add("label" if number % 10 == 0 else f"once {number}", 100)
    found, others = often.most(1)
    assert found == [("label", 5_000)] and others == 45_000
    assert len(often._counts) <= 100


def test_a_set_of_bits() -> None:
    bits = Bits()
    numbers = [0, 7, 8, 1_000, 99_999]
    for number in numbers:
        bits.add(number)
    assert list(bits.numbers()) == numbers
    assert [n in bits for n in (0, 1, 99_999, 100_000, 10**9)] == [True, False, True, False, False]


def test_more_fields_than_can_be_counted_are_counted_together() -> None:
    tallies = Tallies()
    for number in range(MOST_FIELDS + 50):
        tallies.add(number, by_lines(raw({f"f{number}": 1}), raw({f"f{number}": 2})).fields)
    reports = {each.path: each for each in tallies.reports()}
    assert len(reports) == MOST_FIELDS + 1
    assert reports[MORE].different == 50 and len(tallies.differing(MORE)) == 50
    assert tallies.of(3) == ("f3",) and tallies.of(MOST_FIELDS + 9) == (MORE,)


# -- whole scopes -------------------------------------------------------------------------------------------


async def test_two_runs_of_a_classification(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against a plain count in memory: nothing is lost between portions, files and orders."""
    monkeypatch.setattr(matching, "PORTION", 7)
    monkeypatch.setattr(matching, "EVERY", 0)
    rng = random.Random(5)
    labels = ["billing", "access", "bug"]
    left = {f"r{n}": {"label": rng.choice(labels), "score": n} for n in range(200)}
    right = {
        key: {**value, "label": rng.choice(labels)} for key, value in left.items() if rng.random() < 0.9
    } | {f"new{n}": {"label": "bug"} for n in range(5)}
    shuffled = list(right.items())
    rng.shuffle(shuffled)
    ours = await keep(services, "A", (line(*item) for item in left.items()))
    half = await keep(services, "B1", (line(*item) for item in shuffled[:50]))
    rest = await keep(services, "B2", (line(*item) for item in shuffled[50:]))
    told = await compared(services, (ours,), (half, rest))

    both = left.keys() & right.keys()
    changed = {key for key in both if left[key] != right[key]}
    counts = told.report.counts
    assert (counts[SAME], counts[DIFFERENT]) == (len(both) - len(changed), len(changed))
    assert (counts[ONLY_LEFT], counts[ONLY_RIGHT]) == (len(left) - len(both), 5)
    label = field(told, "label")
    assert (label.same, label.different) == (len(both) - len(changed), len(changed))
    assert label.agreement == label.same / len(both) and label.only_left == label.only_right == 0
    for change in label.changes:
        assert change.times == sum(
            (left[key]["label"], right[key]["label"]) == (change.left, change.right) for key in changed
        )
    assert sum(change.times for change in label.changes) + label.other_changes == len(changed)
    assert field(told, "score").same == len(both)

    told_of = await verdicts(services, told)
    assert {key for key, (verdict, _) in told_of.items() if verdict == DIFFERENT} == changed
    assert {key for key, (verdict, _) in told_of.items() if verdict == ONLY_RIGHT} == right.keys() - both
    chosen = told.comparison.select(field="label")
    assert list(chosen) == list(told.comparison.select(DIFFERENT, "label")) and len(chosen) == len(changed)
    assert not told.comparison.select(SAME, "label") and not told.comparison.select(field="nothing")
    assert len(told.comparison.select(SAME)) == counts[SAME] and len(told.comparison.select()) == len(told_of)


async def test_what_became_of_requests(services: Services) -> None:
    left = [
        line("good", "yes"),
        line("gone", "yes"),
        line("both", "overloaded_error", outcome="errored"),
        line("error", "overloaded_error", outcome="errored"),
        line("late", "", outcome="expired"),
        line("refused", "yes"),
        b"no json\n",
        line("", "x"),
    ]
    right = [
        line("good", "yes"),
        line("gone", "overloaded_error", outcome="errored"),
        line("both", "overloaded_error", outcome="errored"),
        line("error", "api_error", outcome="errored"),
        line("late", "", outcome="expired"),
        line("refused", "no", stop="refusal"),
    ]
    told = await compared(services, (await keep(services, "A", left),), (await keep(services, "B", right),))
    assert await verdicts(services, told) == {
        "good": (SAME, ()),
        "gone": (DIFFERENT, (OUTCOME,)),
        "both": (SAME, ()),
        "error": (DIFFERENT, (ERROR,)),
        "late": (SAME, ()),
        "refused": (DIFFERENT, (TEXT,)),
    }
    assert told.report.left.unnamed == 2 and told.report.left.lines == 8
    changes = {(left, right): number for left, right, number in told.report.outcomes}
    assert (
        changes["succeeded", "errored"]
        == changes["succeeded", "refusal"]
        == changes["expired", "expired"]
        == 1
    )
    assert field(told, OUTCOME).changes[0][:2] == ("succeeded", "errored")
    assert list(told.comparison.select(field=OUTCOME)) == [1]


async def test_the_newest_success_counts_on_both_sides(services: Services) -> None:
    left = [line("a", "old"), line("a", "new"), line("a", "api_error", outcome="errored"), line("b", "x")]
    first = await keep(services, "A", left)
    again = await keep(services, "A2", [line("b", "y")])
    other = await keep(services, "B", [line("b", "z"), line("a", "new"), line("b", "y")])
    told = await compared(services, (first, again), (other,))
    assert {key: verdict for key, (verdict, _) in (await verdicts(services, told)).items()} == {
        "a": SAME,
        "b": SAME,
    }
    assert told.report.left.repeated == 3 and told.report.right.repeated == 1
    assert told.done == told.total == 8


async def test_a_scope_with_itself_is_the_same_and_two_strangers_share_nothing(services: Services) -> None:
    one = await keep(services, "A", (line(f"a{n}", f"text {n}") for n in range(30)))
    other = await keep(services, "B", (line(f"b{n}", f"text {n}") for n in range(20)))
    assert (await compared(services, (one,), (one,))).report.counts[SAME] == 30
    counts = (await compared(services, (one,), (other,))).report.counts
    assert (counts[SAME], counts[ONLY_LEFT], counts[ONLY_RIGHT]) == (0, 30, 20)


async def test_answers_that_are_too_long_are_said_not_to_be_compared(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pure, "LONGEST_LINE", 10_000)
    left = await keep(services, "A", [line("long", "x" * 20_000), line("short", "x")])
    right = await keep(services, "B", [line("long", "x" * 20_000), line("short", "x")])
    told = await compared(services, (left,), (right,))
    assert told.report.counts[NOT_COMPARED] == 1 == told.report.counts[SAME]
    view = await handler.pair(services, (left, right), *told.comparison.refs(0))
    assert view.found.same is None


async def test_large_answers_are_read_a_few_at_a_time(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "MOST_BYTES", 50_000)
    most = 0
    plain = matching.Side.lines

    def watched(self: matching.Side, rows: Any) -> dict[int, bytes]:
        nonlocal most
        found = plain(self, rows)
        most = max(most, sum(map(len, found.values())))
        return found

    monkeypatch.setattr(matching.Side, "lines", watched)
    lines = [line(f"a{n}", {"text": "x" * 5_000}) for n in range(100)]
    left, right = await keep(services, "A", lines), await keep(services, "B", reversed(lines))
    assert (await compared(services, (left,), (right,))).report.counts[SAME] == 100
    assert most < 60_000


async def test_whoever_stops_listening_stops_the_work(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "PORTION", 1)
    monkeypatch.setattr(matching, "EVERY", 0)
    left = await keep(services, "A", (line(f"a{n}", "x") for n in range(50)))
    stream = handler.compare(services, (left,), (left,))
    async for told in stream:
        assert (told.done, told.total, told.complete) == (1, 100, False)
        assert len(told.comparison) == 1 and told.report.counts[SAME] == 1
        break
    await stream.aclose()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("compare")]


async def test_results_that_change_meanwhile_end_it_with_a_sentence(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "PORTION", 1)
    monkeypatch.setattr(matching, "EVERY", 0)
    lines = [line(f"a{n}", "x") for n in range(50)]
    left, right = await keep(services, "A", lines), await keep(services, "B", lines)
    with pytest.raises(StoreError, match="have changed while they were compared"):
        async for _ in handler.compare(services, (left,), (right,)):
            await keep(services, "B", lines[:3])
    services.paths.result_file(left).write_bytes(b"")
    with pytest.raises(DeckError):
        await compared(services, (left,), (right,))


async def test_a_file_that_gets_its_final_name_meanwhile_is_found(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "PORTION", 1)
    monkeypatch.setattr(matching, "EVERY", 0)
    lines = [line(f"a{n}", "x") for n in range(5)]
    left = await keep(services, "A", lines)
    opened = matching.Side.open

    def then_renamed(self: matching.Side) -> None:
        opened(self)
        if services.paths.result_part("A").exists():
            services.paths.result_part("A").rename(services.paths.result_file("A"))

    services.paths.result_file("A").rename(services.paths.result_part("A"))
    monkeypatch.setattr(matching.Side, "open", then_renamed)
    monkeypatch.setattr(handler, "_here", _nothing)
    assert (await compared(services, (left,), (left,))).report.counts[SAME] == 5


async def _nothing(*_: object) -> None:
    """Fetch nothing."""


async def test_what_is_not_here_and_cannot_be_had(services: Services) -> None:
    left = await keep(services, "A", [line("a", "x")])
    with pytest.raises(UsageError, match="No such batch: nowhere"):
        await compared(services, (left,), ("nowhere",))
    account = await services.account()
    running = Batch("R", "in_progress", Counts(processing=1), utc_now())
    await services.store.batches.save(account.id, [running], utc_now())
    with pytest.raises(NotAvailable, match="has not ended yet"):
        await compared(services, (left,), ("R",))


# -- one pair to look at ------------------------------------------------------------------------------------


async def test_a_pair_side_by_side(services: Services) -> None:
    left = await keep(services, "A", [line("a", {"label": "bug", "n": 1}), line("lonely", "x\ny")])
    right = await keep(services, "B", [line("a", {"n": 1, "label": "access\x1b"})])
    told = await compared(services, (left,), (right,))
    view = await handler.pair(services, (left, right), *told.comparison.refs(0))
    assert view.left and view.right and view.left.custom_id == view.right.custom_id == "a"
    assert [(each.path, each.left, each.right) for each in view.found.differing] == [
        ("label", "bug", "access\x1b")
    ]
    assert [(each.left, each.right) for each in view.lines if not each.same] == [
        ('  "label": "bug",', '  "label": "access\\u001b",')
    ]
    alone = await handler.pair(services, (left, right), *told.comparison.refs(1))
    assert alone.right is None and [each.left for each in alone.lines] == ["x", "y"]
    (row,) = await handler.pair_rows(services, told.comparison, [1])
    assert row.verdict == ONLY_LEFT and row.right is None and told.comparison.refs(1)[1] == NOTHING


def test_lines_side_by_side() -> None:
    rows = side_by_side("a\nb\nc\nd", "a\nc\nx\nd\ne")
    assert [(row.left, row.right) for row in rows] == [
        ("a", "a"),
        ("b", None),
        ("c", "c"),
        (None, "x"),
        ("d", "d"),
        (None, "e"),
    ]
    assert [(row.left_number, row.right_number) for row in rows] == [
        (1, 1),
        (2, 0),
        (3, 2),
        (0, 3),
        (4, 4),
        (0, 5),
    ]
    assert [row.same for row in side_by_side("a\nb", "a\nb")] == [True, True]
    for left, right in (("", "a"), ("a\na", "a"), ("a", "a\na\na"), ("b\na", "a")):
        found = side_by_side(left, right)
        assert "\n".join(row.left for row in found if row.left is not None) == left
        assert "\n".join(row.right for row in found if row.right is not None) == right


def test_very_many_lines_are_shown_without_being_matched() -> None:
    left = "\n".join("}" if n % 2 else f"l{n}" for n in range(MOST_LINES * 3))
    right = "\n".join("}" if n % 2 else f"r{n}" for n in range(MOST_LINES * 3))
    assert len(side_by_side(left, right)) == MOST_LINES * 3


# -- the command --------------------------------------------------------------------------------------------


async def test_the_command_tells_what_matters(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    left = [line(f"r{n}", {"label": "bug" if n < 6 else "access", "score": n / 10}) for n in range(10)]
    right = [line(f"r{n}", {"label": "access\x1b[31m", "score": n / 10 + 0.1}) for n in range(1, 10)]
    await keep(services, "msgbatch_first", left)
    await keep(services, "msgbatch_second", [*right, line("new", "x")])
    assert await command(services, Namespace(a="first", b="msgbatch_second", json=False)) == 0
    out = capsys.readouterr().out
    assert "A          msgbatch_first: 10 results" in out and "only in A  1" in out and "only in B  1" in out
    assert "bug → access␛[31m × 5; access → access␛[31m × 4" in out and "\x1b" not in out
    assert "9 up, 0 down, by +0.1 on average" in out
    assert "r1" in out and "label: bug → access␛[31m; score: 0.1 → 0.2" in out

    assert await command(services, Namespace(a="first", b="second", json=True)) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["same"], found["different"], found["only_a"], found["only_b"]) == (0, 9, 1, 1)
    assert found["a"]["batches"] == ["msgbatch_first"] and found["a"]["complete"] is True
    label, score = found["fields"]
    assert label["path"] == "label" and label["agreement"] == 0.0
    assert label["changes"][0] == {"a": "bug", "b": "access\x1b[31m", "count": 5}
    assert score["up"] == 9 and score["mean_change"] == pytest.approx(0.1)
    assert [each["verdict"] for each in found["differing"]] == ["different"] * 9 + ["only_a", "only_b"]


async def test_several_batches_of_a_side_and_none(
    services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    await keep(services, "msgbatch_1", [line("a", "x")])
    await keep(services, "msgbatch_2", [line("b", "x")])
    await keep(services, "msgbatch_3", [line("b", "y"), line("a", "x")])
    assert await command(services, Namespace(a="msgbatch_1, msgbatch_2", b="msgbatch_3", json=True)) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["same"], found["different"]) == (1, 1) and found["fields"][0]["path"] == TEXT
    with pytest.raises(UsageError, match="Which batches"):
        await command(services, Namespace(a=" , ", b="msgbatch_3", json=True))


async def test_numbers_beyond_reckoning_stay_json(
    services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    await keep(services, "msgbatch_1", [line("a", '{"n": 1e308}')])
    await keep(services, "msgbatch_2", [line("a", '{"n": -1e308}')])
    assert await command(services, Namespace(a="msgbatch_1", b="msgbatch_2", json=True)) == 0
    assert json.loads(capsys.readouterr().out, parse_constant=pytest.fail)["fields"][0]["mean_change"] == 0.0


def test_values_in_words() -> None:
    words: list[pure.Value] = ["true", True, "", "1", 1, None, "null", ABSENT, "–", "ok", 1.5]
    said = [pure.in_words(each) for each in words]
    assert said == ['"true"', "true", '""', '"1"', "1", "null", '"null"', "–", '"–"', "ok", "1.5"]
