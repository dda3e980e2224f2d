"""The check of a source as a whole: places, numbers, groups, repeated ids, loads, in bounded memory."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest

from tests.asking import PNG, TODAY, check, checker, column_of, image, item, request, said, text, user
from tui.model import ModelLoad
from tui.sources.basics.items import Finding, Item
from tui.sources.basics.places import Places
from tui.sources.checking import problems
from tui.sources.checking.checker import Checker
from tui.sources.checking.identities import Identities

# Places

MEND = "Change one, or have unique ones made (--map-ids; in the app: mend custom_ids)."


def test_a_problem_is_told_with_line_and_column_of_the_source() -> None:
    value = request(messages=[user([text(), {"type": "image", "source": {"type": "url"}}])])
    raw = json.dumps(value, indent=2).encode()
    found = checker()
    found.take(item(raw, 10))
    line = raw[: raw.index(b'"source"')].count(b"\n") + 10
    assert said(found) == [f"a.jsonl:{line}:13: messages[0].content[1].source.url is missing"]


def test_columns_count_characters_not_bytes() -> None:
    value = request(messages=[user("日本語 🎉 é"), user("")])
    (told,) = said(check(value))
    at = json.dumps(value, ensure_ascii=False).index('"content": ""') + 1
    assert told.startswith(f"a.jsonl:1:{at}: messages[1].content is empty")


def test_on_its_first_line_a_request_may_begin_further_on() -> None:
    value = request(stream=True)
    found, at = checker(), json.dumps(value).index('"stream"')
    found.take(item(value, 3, column=7))
    found.take(item(b'{"custom_id" 1}', 4, column=3))
    assert [place.place for place in found.problems] == [f"a.jsonl:3:{at + 7}", "a.jsonl:4:16"]


def test_below_the_first_line_columns_are_the_lines_own() -> None:
    found = checker()
    found.take(item(b'{"custom_id": "a",\n"params":\n  {"model": 5}}', 3, column=40))
    assert said(found)[0].startswith("a.jsonl:5:4: model must be a string")


def test_a_made_request_has_no_columns_but_its_line() -> None:
    found = checker()
    found.take(item(request(stream=True), 3, column=None))
    found.take(item(b"{", 4, column=None))
    assert [problem.place for problem in found.problems] == ["a.jsonl:3", "a.jsonl:4"]


def test_a_column_may_begin_at_nought() -> None:
    found = checker()
    found.take(item(request(stream=True), 3, column=0))
    at = column_of(request(stream=True), '"stream"')
    assert found.problems[0].place == f"a.jsonl:3:{at - 1}"


def test_a_request_is_searched_once_for_all_its_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[bytes] = []

    def counted(raw: bytes) -> Places:
        made.append(raw)
        return Places(raw)

    monkeypatch.setattr("tui.sources.checking.checker.Places", counted)
    assert check(request(stream=True, seed=1, stop_sequences=["", " "])).problem_count == 3
    assert len(made) == 1


def test_what_was_put_before_the_sources_text_has_no_column() -> None:
    body = json.dumps(request()["params"])
    raw = (
        b'{"custom_id": "a b", "params": '
        + body.replace('"model"', '"stream": true, "model"').encode()
        + b"}"
    )
    found = checker()
    found.take(item(raw, 3, column=1 - len('{"custom_id": "a b", "params": ')))
    assert [problem.place for problem in found.problems] == ["a.jsonl:3:2", "a.jsonl:3"]


def test_problems_name_the_file_where_there_are_several() -> None:
    found = checker(name="folder")
    found.take(item(request(1, stream=True), 2, file="b.jsonl"))
    found.take(item(request(1), 3, file="b.jsonl"))
    found.take(item(request(1), 1, file="c.jsonl"))
    found.add(0, Finding("It cannot be read"), "d.jsonl")
    found.add(0, Finding("It is a strange folder"))
    assert [(problem.place.partition(":")[0], problem.remedy) for problem in found.problems] == [
        ("b.jsonl", "Remove it."),
        ("b.jsonl", f"“id-1” stands on line 2 already. {MEND}"),
        ("c.jsonl", f"“id-1” stands on line 2 of b.jsonl already. {MEND}"),
        ("d.jsonl", ""),
        ("folder", ""),
    ]


def test_findings_of_the_way_come_first_and_have_their_own_places() -> None:
    found = checker()
    lost = Finding("n is lost", "Ask twice.", 1, 5, "warning")
    found.take(Item(7, json.dumps(request(stream=True)).encode(), (lost,)))
    found.take(Item(9, b"", (Finding("There is no column “x”"),)))
    assert said(found) == [
        "a.jsonl:8:5: warning: n is lost – Ask twice.",
        "a.jsonl:7: stream is not possible in a batch – Remove it.",
        "a.jsonl:9: There is no column “x”",
    ]
    assert (found.requests, found.problem_count, found.warning_count) == (2, 2, 1)


def test_the_file_as_a_whole_is_no_request() -> None:
    found = checker()
    found.take(Item(0, b"", (Finding("It is empty"),)))
    found.finish()
    assert (found.requests, said(found)) == (0, ["a.jsonl: It is empty"])


def test_nothing_at_all() -> None:
    assert said(check()) == ["a.jsonl:1: There is no request in it – Put one request on each line."]


# Numbers and groups


def test_the_same_problems_stand_together() -> None:
    found = check(
        *(request(number, stream=True) for number in range(3)),
        *(request(number + 10, seed=1) for number in range(9)),
        *(request(number + 30, messages=[user("a")] * number + [user("")]) for number in range(4)),
        request(50, service_tier="slow"),
        request(51, service_tier="fast"),
    )
    assert [(group.what, group.severity, group.count) for group in found.groups()] == [
        ("messages[…].content is empty", "error", 4),
        ("stream is not possible in a batch", "error", 3),
        ("service_tier must be one of auto, standard_only", "error", 2),
        ("seed is not a parameter that batchdeck knows (SDK 2.14)", "warning", 9),
    ]
    first, last = found.groups()[0], found.groups()[-1]
    assert first.remedy == "Write something, or leave the message out."
    assert [place.partition(":")[2].partition(":")[0] for place in last.places] == ["4", "5", "6", "7", "8"]


def test_remedies_that_differ_are_told_only_one_by_one() -> None:
    found = checker()
    for column in ("a", "b"):
        found.add(1, Finding("A column is missing", f"Is it {column}?"))
    assert [problem.remedy for problem in found.problems] == ["Is it a?", "Is it b?"]
    assert found.groups()[0].remedy == ""


def test_problems_are_capped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problems, "SHOWN", 10)
    monkeypatch.setattr(problems, "WARNINGS_SHOWN", 5)
    found = check(
        *(request(number, seed=1) for number in range(20)), *(request(stream=True) for _ in range(20))
    )
    assert [problem.severity for problem in found.problems] == ["warning"] * 5 + ["error"] * 5
    assert (found.warning_count, found.problem_count) == (20, 40)
    assert sorted(group.count for group in found.groups()) == [20, 20, 20]


def test_groups_are_capped_and_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problems, "GROUPS", 4)
    monkeypatch.setattr(problems, "GROUPS_KEPT", 5)
    found = check(*(request(number, **{f"x{number}": 1}) for number in range(20)), request(99, stream=True))
    groups = found.groups()
    assert [group.count for group in groups] == [1, 15, 1, 1]
    assert [group.what for group in groups[:2]] == [problems.OTHER] * 2
    assert found.warning_count == 20


# Loads


def test_what_is_asked_of_each_model() -> None:
    marked = [text("Be brief.", cache_control={"type": "ephemeral"})]
    values = [
        request(1, max_tokens=10),
        request(2, max_tokens=20, system=marked),
        request(3, max_tokens=5, model="claude-opus-5-5", messages=[user([image()])]),
        request(4, max_tokens=7, cache_control={"type": "ephemeral"}),
        request(5, max_tokens=7, seed=1, messages=[user('Say "cache_control".')]),
    ]
    sizes = [len(json.dumps(value)) for value in values]
    found = check(*values)
    assert found.loads == (
        ModelLoad("claude-haiku-5-5", 4, sizes[0] + sizes[1] + sizes[3] + sizes[4], 44, 2),
        ModelLoad("claude-opus-5-5", 1, sizes[2], 5, 0, len(PNG)),
    )
    assert found.models == {"claude-haiku-5-5": 4, "claude-opus-5-5": 1}


def test_of_any_number_of_models_memory_has_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.sources.checking.loads.MOST_MODELS", 3)
    found = check(*(request(number, model=f"m-{number}") for number in range(8)))
    assert found.models == {"m-0": 1, "m-1": 1, "m-2": 1, "other models": 5}


# Repeated ids


def test_a_repeated_id_names_the_first() -> None:
    at = column_of(request(stream=True), '"stream"')
    found = check(request(1), request(2), request(1), request(1, stream=True))
    assert said(found) == [
        f"a.jsonl:3:2: The custom_id is not unique – “id-1” stands on line 1 already. {MEND}",
        f"a.jsonl:4:{at}: stream is not possible in a batch – Remove it.",
        f"a.jsonl:4:2: The custom_id is not unique – “id-1” stands on line 1 already. {MEND}",
    ]


def test_a_bad_request_counts_for_repeated_ids_too() -> None:
    assert (
        check({"custom_id": "a", "params": {"model": 5}}, {**request(), "custom_id": "a"}).problem_count == 4
    )


def test_beyond_those_kept_as_they_are_ids_are_known_by_their_sums() -> None:
    known = Identities(exact=100)
    names = [f"id-{number}" for number in range(20_000)]
    assert {known.first(name, "", number + 1) for number, name in enumerate(names)} == {None}
    assert [known.first(name, "", 0) for name in names] == [("", number + 1) for number in range(20_000)]


def test_sums_know_files_and_far_lines() -> None:
    known = Identities(exact=0)
    assert known.first("a", "x.jsonl", 2**32 - 2) is None
    assert known.first("b", "y.jsonl", 2**40) is None
    assert known.first("a", "z.jsonl", 1) == ("x.jsonl", 2**32 - 2)
    assert known.first("b", "z.jsonl", 1) == ("y.jsonl", 2**32 - 1)


def test_of_very_many_files_the_last_have_no_name() -> None:
    known = Identities(exact=0, most=100_000)
    for number in range(70_000):
        assert known.first(f"id-{number}", f"{number}.txt", 1) is None
    assert known.first("id-5", "", 1) == ("5.txt", 1)
    assert known.first("id-69999", "", 1) == ("another file", 1)


def test_more_ids_than_can_be_remembered_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.sources.checking.checker.Identities", lambda: Identities(2, 4))
    assert said(check(*(request(number) for number in range(4)))) == []
    found = check(*(request(number) for number in [*range(5), 3, 4]))
    assert [problem.remedy for problem in found.problems] == [
        f"“id-3” stands on line 4 already. {MEND}",
        "Make sure that they are unique.",
    ]
    assert (found.problem_count, found.warning_count) == (1, 1)


def test_the_memory_for_ids_is_bounded() -> None:
    known, number = Identities(exact=20_000), 100_000
    tracemalloc.start()
    try:
        for index in range(number):
            known.first(f"request-number-{index:012d}", "", index)
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # 20,000 ids of 27 letters with their lines, the buckets, and a dozen bytes for each of the others.
    assert size < 20_000 * 200 + 65_536 * 100 + (number - 20_000) * 24


# Trouble


def test_a_fault_that_only_the_decoder_sees_is_told_all_the_same() -> None:
    raw = json.dumps(request()).encode()
    doubled = raw.replace(b'"max_tokens": 2000', b'"max_tokens": "x", "max_tokens": 2000')
    (told,) = said(check(doubled))
    assert told.startswith("a.jsonl:1: It cannot be read – ")


def test_a_huge_number_in_a_schema() -> None:
    schema: Any = {"type": "object", "properties": {"a": {"maximum": 1.5}}}
    raw = json.dumps(request(tools=[{"name": "a", "input_schema": schema}])).encode()
    assert said(check(raw)) == []
    (told,) = said(check(raw.replace(b"1.5", b"1e999")))
    assert told.startswith(f"a.jsonl:1:{raw.index(b'1.5') + 1}: A number is too large – ")


def test_a_check_may_be_made_for_another_day() -> None:
    assert Checker("a", today=TODAY).requests == 0
