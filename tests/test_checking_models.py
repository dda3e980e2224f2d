"""What a model's name says about a request: by the table that comes along, and by the service's own list."""

from __future__ import annotations

from datetime import date

import pytest
from anthropic._data.deprecated_models import DEPRECATED_MODELS
from anthropic.types.model import Model

from tests.asking import check, column_of, item, request, said
from tests.test_params_sdk import literals, parts
from tui.model import KnownModels, ModelInfo
from tui.sources.checking.checker import Checker
from tui.sources.checking.limits import Judge, known

EXTENDED = "output-300k-2026-03-24"
LISTED = KnownModels(
    (
        ModelInfo("claude-opus-5-5", max_tokens=128_000, lifecycle="active"),
        ModelInfo("claude-haiku-4-5-20251001", max_tokens=64_000, lifecycle="active"),
        ModelInfo(
            "claude-sonnet-4-5-20250929", 64_000, lifecycle="deprecated", retires_at="2026-11-30T00:00:00Z"
        ),
        ModelInfo("claude-opus-4-5-20251101", 64_000, lifecycle="deprecated"),
        ModelInfo("claude-late-1", 9_000, lifecycle="deprecated", retires_at="2026-01-01T00:00:00Z"),
        ModelInfo("claude-gone-1", 9_000, lifecycle="retired", retires_at="2026-01-01T00:00:00Z"),
        ModelInfo("claude-chat-1", 9_000, batch=False),
        ModelInfo("claude-new-9-20270101", 10_000, lifecycle="active"),
        ModelInfo("gateway/large"),
    ),
    complete=True,
    asked_at="2026-11-22T10:00:00Z",
)

OFFLINE: list[tuple[str, str]] = [
    ("claude-opus-5-5", ""),
    ("claude-haiku-4-5", ""),
    ("claude-haiku-4-5-20251001", ""),
    (
        "claude-haiku-5.5",
        "warning: “claude-haiku-5.5” is no model that batchdeck knows (models of 2026-11-22) – "
        "Did you mean “claude-haiku-5-5”?",
    ),
    (
        "gpt-4o",
        "warning: “gpt-4o” is no model that batchdeck knows (models of 2026-11-22) – Look at its name.",
    ),
    ("claude-sonnet-4-5", "warning: claude-sonnet-4-5 retires on 2026-11-30 – Use claude-sonnet-5-5, say."),
    (
        "claude-mythos-preview",
        "claude-mythos-preview was retired on 2026-06-30 – Use claude-mythos-5-2, say.",
    ),
    ("claude-opus-4-1", "claude-opus-4-1 was retired on 2026-08-05 – Use claude-opus-5-5, say."),
    (
        "claude-3-5-haiku-latest",
        "claude-3-5-haiku-latest was retired on 2026-02-19 – Use claude-haiku-5-5, say.",
    ),
]
ONLINE: list[tuple[str, str]] = [
    ("claude-opus-5-5", ""),
    ("claude-haiku-4-5", ""),
    ("claude-new-9", ""),
    ("gateway/large", ""),
    ("claude-opus-5.5", "The service has no model “claude-opus-5.5” – Did you mean “claude-opus-5-5”?"),
    ("claude-sonnet-5-5", "The service has no model “claude-sonnet-5-5” – Did you mean “claude-opus-5-5”?"),
    ("gpt-4o", "The service has no model “gpt-4o” – Look at its name."),
    ("claude-sonnet-4-5", "warning: claude-sonnet-4-5 retires on 2026-11-30 – Use claude-sonnet-5-5, say."),
    ("claude-opus-4-5", "warning: claude-opus-4-5 is deprecated – Use claude-opus-5-5, say."),
    ("claude-late-1", "warning: claude-late-1 should have retired on 2026-01-01 – Name another model."),
    ("claude-gone-1", "claude-gone-1 was retired on 2026-01-01 – Name another model."),
    ("claude-opus-4-1", "claude-opus-4-1 was retired on 2026-08-05 – Use claude-opus-5-5, say."),
    ("claude-chat-1", "claude-chat-1 cannot be used in batches – Name another model."),
]


@pytest.mark.parametrize(("model", "told"), OFFLINE, ids=lambda value: value[:40])
def test_what_our_own_table_says(model: str, told: str) -> None:
    _says(check(request(model=model)), told)


@pytest.mark.parametrize(("model", "told"), ONLINE, ids=lambda value: value[:40])
def test_what_the_services_list_says(model: str, told: str) -> None:
    _says(check(request(model=model), models=LISTED), told)


def _says(found: Checker, told: str) -> None:
    assert len(found.problems) == bool(told)
    if told:
        assert said(found)[0].startswith(f"a.jsonl:1:34: {told}")


def test_a_list_that_is_no_longer_sure_is_only_a_hint() -> None:
    remembered = KnownModels(LISTED.models, False, LISTED.asked_at)
    assert said(check(request(model="claude-sonnet-5-5"), models=remembered)) == []
    (told,) = said(check(request(model="claude-opus-5.5"), models=remembered))
    assert told.startswith("a.jsonl:1:34: warning: “claude-opus-5.5” is no model that batchdeck knows")


def test_an_empty_list_is_none() -> None:
    assert said(check(request(), models=KnownModels((), True))) == []


def test_the_day_of_the_retirement_counts() -> None:
    value = request(model="claude-sonnet-4-5")
    for today, severity in ((date(2026, 11, 29), "warning"), (date(2026, 11, 30), "error")):
        found = Checker("a", today=today)
        found.take(item(value))
        assert [problem.severity for problem in found.problems] == [severity]


LENGTHS: list[tuple[str, int, tuple[str, ...], str]] = [
    ("claude-haiku-4-5", 64_000, (), ""),
    ("claude-haiku-4-5", 64_001, (), "64,001, of at most 64,000. Lower it."),
    ("claude-haiku-4-5", 100_000, (EXTENDED,), "100,000, of at most 64,000. Lower it."),
    ("claude-opus-5-5", 128_000, (), ""),
    (
        "claude-opus-5-5",
        200_000,
        (),
        f"200,000, of at most 128,000. Up to 300,000 go with the beta {EXTENDED}.",
    ),
    ("claude-opus-5-5", 300_000, (EXTENDED,), ""),
    ("claude-opus-5-5", 300_001, (EXTENDED,), "300,001, of at most 300,000. Lower it."),
    ("claude-opus-5-5", 300_001, (), "300,001, of at most 128,000. Lower it."),
    ("claude-fable-5", 200_000, (EXTENDED,), "200,000, of at most 128,000. Lower it."),
]


@pytest.mark.parametrize(("model", "length", "betas", "told"), LENGTHS)
def test_how_long_an_answer_may_become(model: str, length: int, betas: tuple[str, ...], told: str) -> None:
    found = check(request(model=model, max_tokens=length), betas=betas)
    at = column_of(request(model=model), '"max_tokens"')
    want = f"a.jsonl:1:{at}: max_tokens is more than {model} can write – {told}"
    assert said(found) == ([want] if told else [])


def test_the_services_list_says_how_long() -> None:
    (told,) = said(check(request(model="claude-late-1", max_tokens=9_001), models=LISTED))[1:]
    assert "max_tokens is more than claude-late-1 can write – 9,001, of at most 9,000." in told
    assert (
        len(said(check(request(model="claude-late-1", max_tokens=9_001), models=LISTED, betas=[EXTENDED])))
        == 1
    )
    assert said(check(request(model="gateway/large", max_tokens=10**9), models=LISTED)) == []


def test_of_an_unknown_model_no_length_is_known() -> None:
    assert check(request(model="claude-next-7", max_tokens=10**9)).problem_count == 0


def test_the_model_of_every_request_is_told_and_counted() -> None:
    found = check(*(request(number, model="claude-sonnet-4-5") for number in range(3)))
    assert (found.warning_count, found.models) == (3, {"claude-sonnet-4-5": 3})
    (group,) = found.groups()
    assert (group.count, group.places) == (3, ("a.jsonl:1:34", "a.jsonl:2:34", "a.jsonl:3:34"))


def test_any_number_of_names_is_bearable() -> None:
    judge = Judge()
    for number in range(5_000):
        judge.verdict(f"model {number}")
    assert len(judge._given) < 2_000


# The table itself


def test_the_table_has_every_model_of_the_sdk() -> None:
    assert literals(parts(Model)) <= {model.id for model in known().models}
    assert not known().complete


def test_the_table_has_the_sdks_dates() -> None:
    table = {model.id: model for model in known().models}
    for name, when in DEPRECATED_MODELS.items():
        month, day, year = when.replace(",", "").split()
        names = "January February March April May June July August September October November December"
        number = names.split().index(month) + 1
        assert table[name].retires_at == f"{year}-{number:02}-{int(day[:-2]):02}", name
        assert table[name].lifecycle == "deprecated"


def test_the_table_is_whole() -> None:
    for model in known().models:
        assert model.lifecycle in ("active", "deprecated", "retired")
        assert (model.lifecycle == "active") == (model.retires_at == "")
        instead = Judge().verdict(model.id).facts.instead
        assert model.lifecycle == "active" or Judge().verdict(instead).findings == ()
