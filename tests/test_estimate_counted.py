"""Estimates of real drafts: counted by the played service, guessed where it cannot be asked."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.estimating import COUNT, OPUS, Json, answered, asking, kept, launch, written
from tui.commands import Prepare
from tui.config import Spending
from tui.handlers import Services, run, token_counts
from tui.handlers.estimating import estimate
from tui.model import Draft, DraftPart, ModelLoad
from tui.simulator import Gate, Simulator
from tui.simulator.moments import utc_now

GUESS = "The input tokens are a guess"
TEXTS = ["word " * n for n in range(1, 400)]


def counts(simulator: Simulator) -> int:
    return len(simulator.log.matching("POST", "/v1/messages/count_tokens"))


def tokens(params: Json) -> int:
    """As the played service counts."""
    asked = [params[name] for name in ("system", "messages", "tools") if name in params]
    return len(json.dumps(asked)) // 4


# ── counted ──────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_small_draft_is_counted_whole(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    parts = [asking(text) for text in TEXTS[:5]], [asking(text) for text in TEXTS[5:12]]
    found = await estimate(services, written(tmp_path, *parts))
    true = sum(map(tokens, (*parts[0], *parts[1])))
    assert found.input_tokens == (true, true, true)
    assert (found.requests, found.counted, found.output_most) == (12, 12, 1_200)
    assert not any(GUESS in note for note in found.notes)
    assert counts(simulator) == 12


async def test_a_large_draft_is_counted_in_part(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    parts = [asking(text) for text in TEXTS[:200]], [asking(text) for text in reversed(TEXTS[200:])]
    found = await estimate(services, written(tmp_path, *parts))
    low, likely, high = found.input_tokens
    assert low < sum(map(tokens, (*parts[0], *parts[1]))) < high
    assert low < likely < high < low * 1.1
    assert found.counted == counts(simulator) and 15 <= found.counted <= 21


async def test_each_model_has_its_own_sample(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    parts = [asking(text, model) for text in TEXTS for model in (OPUS, "claude-haiku-5-5")]
    parts += [asking(text, "gpt-4o") for text in TEXTS[:5]]
    found = await estimate(services, written(tmp_path, parts))
    assert found.unknown_models == ("gpt-4o",)
    assert 20 <= found.counted <= 24 and 2 <= counts(simulator) - found.counted <= 3
    assert any(note.startswith("gpt-4o: nothing could be counted") for note in found.notes)
    assert any("Not all of the sample could be counted: model: gpt-4o" in note for note in found.notes)
    assert found.high is not None


async def test_a_few_at_a_time(services: Services, simulator: Simulator, tmp_path: Path) -> None:
    gate = Gate()
    held = [simulator.faults.add(COUNT, "delay", gate=gate) for _ in range(token_counts.AT_ONCE)]
    others = simulator.faults.add(COUNT, "delay", times=None)
    work = asyncio.ensure_future(estimate(services, written(tmp_path, [asking(text) for text in TEXTS])))
    for fault in held:
        await fault.reached.wait()
    await services.api.models()  # whatever was sent before has arrived, too
    assert others.hits == 0
    gate.set()
    assert (await work).counted == len(held) + others.hits > 10


async def test_betas_and_only_what_may_be_counted_go_along(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    draft = written(tmp_path, [asking(metadata={"user_id": "u"})], betas=("mine-2026-01-01",))
    assert (await estimate(services, draft)).counted == 1
    assert simulator.log.entries[-1].headers["anthropic-beta"] == "mine-2026-01-01"


async def test_pictures_are_counted_within_bounds(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    def pictured(size: int) -> Json:
        source = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(bytes(size)).decode()}
        return asking([{"type": "image", "source": source}])  # type: ignore[arg-type]

    draft = written(tmp_path, [pictured(size) for size in (1_200_000, 4_000_000, 900_000) * 4])
    found = await estimate(services, draft)
    assert 2 < found.counted < 9
    sent = sum(entry.length for entry in simulator.log.matching("POST", "/v1/messages/count_tokens"))
    assert sent < 9_000_000
    assert 15_000 < found.input_tokens[1] < 22_000  # about 1,500 each, however large the files are
    guess = await estimate(services, draft, ask=False)
    assert guess.input_tokens[0] < found.input_tokens[1] < guess.input_tokens[2] < 40_000


async def test_what_was_prepared_can_be_estimated(services: Services, tmp_path: Path) -> None:
    source = tmp_path / "tickets.jsonl"
    lines = (json.dumps({"custom_id": f"r{n}", "params": asking(text)}) for n, text in enumerate(TEXTS))
    source.write_text("\n".join(lines))
    _, draft = await run(services, Prepare((source,), "tickets"))
    found = await estimate(services, draft)
    assert (found.requests, found.output_most) == (399, 399 * 100) and found.counted >= 10
    assert found.low is not None and found.high is not None


# ── guessed ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("overloaded", "The service is overloaded."),
        ("drop", "was cut"),
        ("rate_limit", "Too many requests this minute."),
        ("authentication", "invalid bearer token"),
        ("html", "trouble"),
        ("not_found", "not found"),
        ("malformed_json", "not the API's"),
        ("not_implemented", "does not offer that"),
    ],
)
async def test_a_service_that_cannot_count(
    services: Services, simulator: Simulator, tmp_path: Path, fault: str, said: str
) -> None:
    simulator.faults.add(COUNT, fault, times=None)
    draft = written(tmp_path, [asking(text) for text in TEXTS])
    found = await estimate(services, draft)
    assert found.counted == 0 and found.input_tokens[0] < found.input_tokens[2]
    assert GUESS in found.notes[0] and said in found.notes[0]
    asked = counts(simulator)
    assert asked <= (25 if fault in ("not_found", "not_implemented") else token_counts.AT_ONCE)
    assert found.low is not None and found.output_most == 100 * len(TEXTS)


async def test_what_was_counted_before_it_failed_counts(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    simulator.faults.add(COUNT, "rate_limit", skip=5, times=None)
    found = await estimate(services, written(tmp_path, [asking(text) for text in TEXTS]))
    assert found.counted == 5
    assert any("Not all of the sample could be counted" in note for note in found.notes)


async def test_a_service_that_takes_too_long(
    services: Services, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = Gate()
    simulator.faults.add(COUNT, "delay", times=None, gate=never)
    monkeypatch.setattr(token_counts, "PATIENCE", 0.05)
    found = await estimate(services, written(tmp_path, [asking()]))
    assert found.counted == 0 and "took too long" in found.notes[0]
    never.set()


async def test_without_a_key(services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    found = await estimate(services, written(tmp_path, [asking()]))
    assert found.counted == 0 and "no API key or profile yet" in found.notes[0]


async def test_nobody_is_asked_unasked(services: Services, simulator: Simulator, tmp_path: Path) -> None:
    found = await estimate(services, written(tmp_path, [asking()]), ask=False)
    assert found.counted == 0 and "the service was not asked" in found.notes[0]
    assert len(simulator.log) == 0 and not services.api.loaded


async def test_a_draft_that_was_not_written_is_guessed(services: Services, simulator: Simulator) -> None:
    loads = (ModelLoad(OPUS, 10, 36_000, 1_000), ModelLoad("mystery", 1, 3_600, 50))
    draft = Draft("x.csv", 11, 39_600, parts=(DraftPart(11, 39_600),), loads=loads)
    found = await estimate(services, draft)
    assert (found.requests, found.counted, found.output_most) == (11, 0, 1_050)
    assert found.input_tokens == (7_700, 11_000, 15_400)
    assert found.unknown_models == ("mystery",) and GUESS in found.notes[0]
    assert len(simulator.log) == 0


async def test_drafts_that_are_gone_or_broken(services: Services, tmp_path: Path) -> None:
    loads = (ModelLoad(OPUS, 10, 36_000, 1_000),)
    draft = written(tmp_path, [asking()], [asking()], loads=loads)
    second = tmp_path / "part-1.jsonl"
    second.unlink()
    assert (await estimate(services, draft)).requests == 10
    second.write_bytes(b'{"params": 7}\n\xff\n[]\n{"params": {"model": "a"}}')
    broken = await estimate(services, draft)
    assert broken.requests == 5 and set(broken.unknown_models) == {"", "a"}
    nothing = await estimate(services, Draft("x.csv"))
    assert (nothing.requests, nothing.high, nothing.notes) == (0, None, ())


# ── earlier answers ──────────────────────────────────────────────────────────────────────────────────────


async def test_how_long_answers_were(services: Services, tmp_path: Path) -> None:
    draft = written(tmp_path, [asking() for _ in range(10)], recipe="classify")
    assert (await estimate(services, draft, ask=False)).output_likely is None

    answered(services, "elsewhere", 70, 90, 80, model="claude-opus-5-5-20260915")
    found = await estimate(services, draft, ask=False)
    assert (found.output_likely, found.likely_from) == (800, "3 answers of the same model")

    now = utc_now()
    await kept(services, "old", launch("old", 1, 3, now, batch_id="b1"), recipe="classify")
    answered(services, "b1", 10, 20, 30)
    await kept(services, "other", launch("other", 1, 3, now, batch_id="b2"), recipe="summarise")
    answered(services, "b2", 99, 99)
    found = await estimate(services, draft, ask=False)
    assert (found.output_likely, found.likely_from) == (200, "3 answers of the same recipe")
    assert (
        found.likely is not None and found.low is not None and found.low < found.likely < (found.high or "")
    )

    sample = launch("this", 0, 1, now, batch_id="b3"), launch("this", 1, 9, None)
    await kept(services, "this", *sample, recipe="classify")
    answered(services, "b3", 41)
    found = await estimate(services, draft, ask=False, run_id="this")
    assert (found.output_likely, found.likely_from) == (410, "1 answer of this launch so far")


async def test_another_model_of_the_same_recipe(services: Services, tmp_path: Path) -> None:
    await kept(services, "old", launch("old", 1, 3, utc_now(), batch_id="b1"), recipe="classify")
    answered(services, "b1", 10, 20, 30, model="claude-haiku-5-5")
    answered(services, "elsewhere", 70)
    draft = written(tmp_path, [asking(), asking(model="claude-haiku-5-5")], recipe="classify")
    found = await estimate(services, draft, ask=False)
    assert (found.output_likely, found.likely_from) == (40, "3 answers of the same recipe")


async def test_answers_that_do_not_say_how_long_they_are(services: Services, tmp_path: Path) -> None:
    answered(services, "elsewhere", 0, 0)
    assert (await estimate(services, written(tmp_path, [asking()]), ask=False)).output_likely is None


# ── what else is said ────────────────────────────────────────────────────────────────────────────────────


async def test_marks_for_the_cache_are_found(services: Services, tmp_path: Path) -> None:
    system = [{"type": "text", "text": "Rules. " * 2_000, "cache_control": {"type": "ephemeral"}}]
    found = await estimate(services, written(tmp_path, [asking(t, system=system) for t in TEXTS[:100]]))
    notes = " ".join(found.notes)
    assert "100 requests mark something for the prompt cache, up to about 3," in notes
    assert (
        "98 % of them the price is" in notes and "5 minutes" in notes and "A sample that goes first" in notes
    )


async def test_places_and_searches_are_found(services: Services, tmp_path: Path) -> None:
    plain = await estimate(services, written(tmp_path, [asking()]))
    tools = [{"type": "web_search_20250305", "name": "web_search"}]
    found = await estimate(services, written(tmp_path, [asking(inference_geo="us", tools=tools)]))
    assert any("Web searches are in no sum: $10.00 for a thousand" in note for note in found.notes)
    assert any("United States" in note for note in found.notes)
    assert float(found.high or 0) > float(plain.high or 0)


async def test_limits_are_looked_at(services: Services, tmp_path: Path) -> None:
    draft = written(tmp_path, [asking()])
    assert (await estimate(services, draft)).over == ()
    limited = replace(services, spending=Spending(launch=Decimal("0.0001")))
    (said,) = (await estimate(limited, draft)).over
    assert said.startswith("This may cost $0.0010, over the $0.0001 that a launch may cost")
