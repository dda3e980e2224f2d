"""Costs of real results: from the index, in words, and for other programs."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from textual.content import Content

from tests.fetching import invent
from tui.cli.cost_json import cost_json
from tui.commands import Download, Refresh
from tui.handlers import Services, run
from tui.handlers.costing import Costs, costs, prices
from tui.records import Indexer
from tui.simulator import Simulator
from tui.widgets.cost_words import cost_line, cost_table


def answer(n: int, model: str, outcome: str = "succeeded", **usage: object) -> bytes:
    message = {
        "model": model,
        "content": [{"type": "text", "text": "x"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1_000, "output_tokens": 100, **usage},
    }
    result = {"type": outcome, "message": message} if outcome == "succeeded" else {"type": outcome}
    return json.dumps({"custom_id": f"r{n}", "result": result}).encode() + b"\n"


def keep(services: Services, batch_id: str, *lines: bytes) -> str:
    """Put a batch's results into the index."""
    rows = Indexer().feed(b"".join(lines))
    with services.store.results.writer(batch_id) as writer:
        writer.add(rows)
    return batch_id


def words(content: Content) -> str:
    return content.plain


async def test_a_launch_of_several_batches(services: Services) -> None:
    first = keep(services, "msgbatch_1", *(answer(n, "claude-haiku-4-5-20251001") for n in range(1_000)))
    second = keep(
        services,
        "msgbatch_2",
        answer(1, "claude-opus-5-5", inference_geo="us", cache_read_input_tokens=9_000),
        answer(2, "claude-opus-5-5", cache_creation={"ephemeral_1h_input_tokens": 500}),
        answer(3, "claude-opus-5-5", outcome="errored"),
    )
    found = await costs(services, (first, second, "msgbatch_not_here"))
    # 1,000 × (1,000 in at $0.50 + 100 out at $2.50) per million tokens
    assert [round(float(each.known), 8) for _, each in found.batches] == [0.75, 0.00929, 0]
    assert [batch_id for batch_id, _ in found.batches] == [first, second, "msgbatch_not_here"]
    assert found.total.known == sum(each.known for _, each in found.batches)
    assert [each.usage.model for each in found.models] == ["claude-haiku-4-5-20251001", "claude-opus-5-5"]
    assert found.models[1].usage.lines == 2 and found.models[1].usage.cache_read == 9_000
    assert found.total.hit_rate == 9_000 / (1_000_000 + 2_000 + 9_000 + 500)
    line = words(cost_line(found))
    assert "$0.7593 (standard $1.52, saved $0.7593)" in line
    assert "cache hits < 1 %" in line and "prices of 2026-11-09" in line
    table = words(cost_table(found))
    assert "claude-haiku-4-5-20251001          $0.7500\n  input 1M · output 100k\n" in table
    assert max(map(len, table.splitlines()[1:])) < 80


async def test_the_cost_of_results_as_the_service_sends_them(
    services: Services, simulator: Simulator
) -> None:
    """Through the client, a download and the index: nothing between the wire and the sum is left out."""
    body = answer(0, "claude-haiku-5-5", cache_creation_input_tokens=100_000) + answer(1, "claude-haiku-5-5")
    batch = invent(simulator, body, 2)
    await run(services, Refresh())
    await run(services, Download((batch.id,)))
    found = await costs(services, (batch.id,))
    long = 1_000 * 0.50 + 100 * 2.50 + 100_000 * 0.625
    short = 1_000 * 0.10 + 100 * 0.50
    assert float(found.total.known) == pytest.approx((long + short) / 2e6)
    assert found.total.answers == 2


async def test_unknown_models_are_named_and_never_nothing(services: Services) -> None:
    evil = "mystery\x1b[31m[red]"
    keep(services, "b", answer(1, evil), answer(2, evil), answer(3, ""))
    found = await costs(services, ("b",))
    line = words(cost_line(found))
    assert "unknown · no price for mystery␛[31m[red] and 1 more (3 answers)" in line
    assert "$" not in line and "\x1b" not in words(cost_table(found))
    assert f"has no price here. Give it one in {services.paths.config / 'prices.toml'}." in words(
        cost_table(found)
    )
    keep(services, "c", answer(1, "claude-opus-5"))
    mixed = words(cost_line(await costs(services, ("b", "c"))))
    assert "$0.0038 + unknown (standard $0.0075, saved $0.0038)" in mixed


async def test_answers_without_usage_and_no_answers_at_all(services: Services) -> None:
    silent = answer(1, "claude-opus-5", input_tokens=0, output_tokens=None)
    keep(services, "silent", silent)
    found = await costs(services, ("silent",))
    assert "unknown · 1 answer without usage" in words(cost_line(found))
    assert "1 answer did not say how many tokens were used." in words(cost_table(found))
    keep(services, "failed", answer(1, "", outcome="errored"))
    none = await costs(services, ("failed",))
    assert "nothing: only succeeded results are billed" in words(cost_line(none))
    assert cost_json(none)["batch"] == 0 and cost_json(none)["complete"] is True
    assert words(cost_table(await costs(services, ())))


async def test_doubts_and_searches_are_said(services: Services) -> None:
    searched = answer(1, "claude-sonnet-5-5", server_tool_use={"web_search_requests": 3})
    keep(services, "b", searched)
    found = await costs(services, ("b",))
    table = words(cost_table(found))
    assert "3 web searches: $0.0300, without the batch discount" in table
    assert "claude-sonnet-5-5: the price of cache reads is not official" in table
    assert "paid for input $0.0010 · output $0.0005 · searches $0.0300" in table


async def test_the_users_prices_are_read_again_when_they_change(services: Services) -> None:
    keep(services, "b", answer(1, "mine", input_tokens=1_000_000, output_tokens=0))
    file = services.paths.config / "prices.toml"

    async def line() -> str:
        return words(cost_line(await costs(services, ("b",))))

    assert "unknown · no price for mine" in await line()
    assert await prices(services) is await prices(services)
    write(file, "[models.mine]\ninput = 3\noutput = 0", 1)
    assert "$1.50 (standard $3.00, saved $1.50)" in await line()
    assert "prices of 2026-11-09 and your own" in await line()
    write(file, "[models.mine]\ninput = -3\noutput = 0", 2)
    found = await costs(services, ("b",))
    assert "yours have a mistake" in words(cost_line(found))
    assert "models.mine.input: must be a number from 0 to 1,000,000" in words(cost_table(found))
    assert cost_json(found)["problems"] == list(found.prices.problems)
    file.unlink()
    assert "yours" not in await line()


def write(file: Path, text: str, second: int) -> None:
    file.write_text(text)
    os.utime(file, (second, second))


async def test_json_for_other_programs(services: Services) -> None:
    keep(services, "b", answer(1, "claude-opus-5", cache_read_input_tokens=1_000), answer(2, "strange"))
    found = json.loads(json.dumps(cost_json(await costs(services, ("b",)))))
    assert list(found) == [
        *("currency", "batch", "standard", "saved", "complete", "answers", "unpriced_answers"),
        *("unknown_models", "cache_hit_rate", "searches", "amounts", "models", "prices_date", "own_prices"),
        "problems",
    ]
    assert (found["batch"], found["standard"], found["saved"]) == (0.004, 0.008, 0.004)
    assert (found["complete"], found["answers"], found["unpriced_answers"]) == (False, 2, 1)
    assert found["unknown_models"] == ["strange"] and found["cache_hit_rate"] == 1_000 / 3_000
    strange, opus = found["models"]
    assert strange["model"] == "strange" and strange["batch"] is None and strange["amounts"] is None
    assert strange["tokens"]["input"] == 1_000
    assert opus["amounts"]["cache_read"] == 0.00025 and opus["complete"] is True
    assert found["prices_date"] == "2026-11-09" and found["own_prices"] is False


async def test_many_models_stay_a_table(services: Services) -> None:
    keep(services, "b", *(answer(n, f"模型-{n:02}" + "x" * 40) for n in range(30)))
    found: Costs = await costs(services, ("b",))
    table = words(cost_table(found))
    assert "… and 18 more models" in table
    rows = [
        line for line in cost_table(found).split("\n") if "模型" in line.plain and "unknown" in line.plain
    ]
    assert len({row.cell_length for row in rows[1:]}) == 1
