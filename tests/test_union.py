"""A run that was made whole, as everything that reads results shows it: one answer for each request."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.exporting import table
from tests.retrying import OVERLOADED, again, ended, fated, fetched, said, sent, tried_once
from tui.commands import Export, Prepare, Refresh, SendRun
from tui.errors import UsageError
from tui.handlers import Services, run, search
from tui.handlers.comparing import compare
from tui.handlers.costing import costs
from tui.handlers.tabulating import tabulate
from tui.model import FieldTest, Making, Order, Pattern, Recipe, ResultFilter, Run, Selection
from tui.simulator import Simulator

FIRST = {"r-0": "expired", "r-1": OVERLOADED, "r-2": "max_tokens", "r-4": "refusal"}


async def made_whole(services: Services, simulator: Simulator) -> Run:
    """Six requests of which two failed and two were cut or refused; tried again, and one of them twice."""
    made = await tried_once(services, simulator, FIRST, (4, 2))
    await again(services, made.id, "expired", "errored:overloaded_error", "max_tokens", "refusal")
    fated(simulator, {"r-1": "expired"})
    await sent(services, simulator, made.id)
    await again(services, made.id)
    fated(simulator, {})
    whole = await sent(services, simulator, made.id)
    await fetched(services, whole)
    return whole


async def test_lists_and_headings(services: Services, simulator: Simulator) -> None:
    whole = await made_whole(services, simulator)
    assert await said(services, whole.scope) == {f"r-{n}": "end_turn" for n in range(6)}
    summary = await services.store.results.summary(whole.scope)
    assert (summary.lines, summary.outcomes, summary.errors) == (6, (("succeeded", 6),), ())
    first = await services.store.results.summary(whole.scope[:1])
    assert first.lines == 4 and len(first.errors) == 3


async def test_costs_are_of_all_that_was_paid_for(services: Services, simulator: Simulator) -> None:
    whole = await made_whole(services, simulator)
    found = await costs(services, whole.scope)
    alone = [(await costs(services, (each,))).total for each in whole.scope]
    assert found.total.known == sum((each.known for each in alone), Decimal(0)) > 0
    assert sum(model.usage.lines for model in found.models) == 8, "the cut and the refused ones, too"


async def test_searches_find_what_counts(services: Services, simulator: Simulator) -> None:
    whole = await made_whole(services, simulator)
    hits: set[int] = set()
    async for found in search(services, whole.scope, Pattern(".", regex=True)):
        hits.update(found.refs)
    refs = await services.store.results.refs(whole.scope)
    assert len(refs) == 6 and hits >= set(refs), "lists show those of the hits that count"


async def test_exports_have_each_request_once(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    whole = await made_whole(services, simulator)
    done = await run(services, Export(whole.scope, tmp_path / "all.jsonl"))
    assert done.message.startswith("Saved 6 results to")
    lines = [json.loads(line) for line in (tmp_path / "all.jsonl").read_bytes().splitlines()]
    assert sorted(line["custom_id"] for line in lines) == [f"r-{n}" for n in range(6)]
    assert {line["result"]["type"] for line in lines} == {"succeeded"}
    problems = Selection(ResultFilter("problem"))
    done = await run(services, Export(whole.scope, tmp_path / "none.csv", "csv", problems))
    assert done.message.startswith("Saved 0 of 6 results")
    found = Selection(pattern=Pattern(".", regex=True), order=Order("custom_id"))
    await run(services, Export(whole.scope, tmp_path / "found.csv", "csv", found))
    assert [row[0] for row in table(tmp_path / "found.csv")[1:]] == [f"r-{n}" for n in range(6)]
    await run(services, Export(whole.scope, tmp_path / "asked.jsonl", requests=True))
    asked = [json.loads(line) for line in (tmp_path / "asked.jsonl").read_bytes().splitlines()]
    assert all(line["params"]["max_tokens"] == 64 for line in asked) and len(asked) == 6
    await run(services, Export(whole.scope, tmp_path / "folder", "files"))
    assert len(list((tmp_path / "folder").glob("*.md"))) == 6


async def test_comparisons_take_a_run_for_one(services: Services, simulator: Simulator) -> None:
    whole = await made_whole(services, simulator)
    told = [each async for each in compare(services, whole.scope, whole.scope[:2])][-1]
    left, right = told.report.left, told.report.right
    assert (left.lines, left.repeated, right.lines) == (6, 0, 6)


async def test_fields_and_facets(services: Services, simulator: Simulator) -> None:
    """Answers that another attempt took the place of are in no column and no count."""
    made = await tried_once(services, simulator, {}, (4,))
    old = {
        "r-0": ("max_tokens", '{"old": [1, 2], "new": [3], "n": 5}'),
        "r-1": ("end_turn", '{"n": 1}'),
        "r-2": ("", ""),
        "r-3": ("end_turn", "no"),
    }
    simulator.replace_results(made.scope[0], [line(name, *how) for name, how in old.items()])
    await again(services, made.id, "max_tokens")
    whole = await sent(services, simulator, made.id)
    simulator.replace_results(whole.scope[1], [line("r-0", "end_turn", '{"n": "x", "new": [1, 2]}')])
    await fetched(services, whole)
    async for _ in tabulate(services, whole.scope):
        pass
    fields = services.store.fields
    assert await columns(services, whole.scope[:1]) == {
        "old": (1, 0),
        "old[]": (1, 1),
        "new": (1, 0),
        "new[]": (1, 1),
        "n": (2, 2),
    }
    assert await columns(services, whole.scope) == {
        "n": (2, 1),
        "new": (1, 0),
        "new[]": (1, 1),
    }
    assert await fields.readings(whole.scope) == {"json": 2, "no answer": 1, "none": 1}
    facet = await fields.facet(whole.scope, ResultFilter(), "n")
    assert {value.text: value.count for value in facet.values} == {"1": 1, "x": 1}
    assert (facet.total, facet.missing) == (2, 0)
    assert (await fields.facet(whole.scope, ResultFilter(), "old")).total == 2
    assert len((await fields.facet(whole.scope, ResultFilter(), "old")).values) == 0
    some = await fields.facet(
        whole.scope, ResultFilter("succeeded"), "new[]", within=await all_refs(services, whole)
    )
    assert some.total == 2
    chosen = ResultFilter(fields=(FieldTest("n", "5"),))
    assert len(await services.store.results.refs(whole.scope, chosen)) == 0
    assert len(await services.store.results.refs(whole.scope[:1], chosen)) == 1


async def columns(services: Services, scope: tuple[str, ...]) -> dict[str, tuple[int, int]]:
    """How many cells each field has, and how many numbers."""
    found = await services.store.fields.columns(scope, derived=True)
    return {each.path: (each.cells, each.numbers) for each in found}


async def all_refs(services: Services, whole: Run) -> list[int]:
    """Of every line of every file, as a search has them."""
    return [ref for each in whole.scope for ref in await services.store.results.refs((each,))]


def line(custom_id: str, stop: str, text: str) -> bytes:
    message = {"model": "m", "stop_reason": stop, "content": [{"type": "text", "text": text}]}
    succeeded = {"type": "succeeded", "message": message}
    result: dict[str, Any] = succeeded if stop else {"type": "expired"}
    return json.dumps({"custom_id": custom_id, "result": result}).encode() + b"\n"


# -- a table whose rows have no ids of their own ------------------------------------------------------------

RECIPE = Recipe(model="claude-haiku-5-5", max_tokens=64, prompt="Classify: {{ text }}")


def tickets(path: Path, *, ids: bool = False) -> Path:
    """Rows that look alike, one of them over two lines, and a blank line between them."""
    texts = ["same", "same", "", "two\nlines", "same", "last"]
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(["id", "text"] if ids else ["text", "n"])
        for number, text in enumerate(texts, 1):
            if not text:
                handle.write("\r\n")
            else:
                writer.writerow([f"T {number % 3}", text] if ids else [text, number])
    return path


async def launched(services: Services, source: Path, making: Making) -> Run:
    made, _ = await run(services, Prepare((source,), "tickets", making))
    found: Run = await run(services, SendRun(made.id))
    return found


@pytest.mark.parametrize("ids", [False, True], ids=["numbered", "mapped"])
async def test_answers_find_their_rows_again(
    services: Services, simulator: Simulator, tmp_path: Path, ids: bool
) -> None:
    recipe = replace(RECIPE, custom_id="{{ id }}") if ids else RECIPE
    making = Making(override=recipe, ids="map")
    source = tickets(tmp_path / "tickets.csv", ids=ids)
    simulator.switches.fate = lambda index, _: "expired" if index in (1, 4) else "prose"
    made = await launched(services, source, making)
    ended(simulator)
    await run(services, Refresh())
    await again(services, made.id)
    fated(simulator, {})
    whole = await sent(services, simulator, made.id)
    done = await run(services, Export(whole.scope, tmp_path / "out.csv", "csv", join=source))
    assert "5 rows of tickets.csv" in done.message and "5 with a result (matched by row)" in done.message
    rows = [row for row in table(tmp_path / "out.csv") if row]
    given = [row for row in table(source) if row]
    assert [row[:2] for row in rows] == given
    answers = await answers_by_prompt_order(services, whole)
    assert [row[4] for row in rows[1:]] == answers
    first = Export(whole.scope[:1], tmp_path / "first.csv", "csv", join=source)
    assert "5 with a result" in (await run(services, first)).message, "a failure is an end, too"
    copy = tmp_path / "copy.csv"
    copy.write_bytes(source.read_bytes())
    with pytest.raises(UsageError, match="holds custom_ids"):
        await run(services, Export(whole.scope, tmp_path / "no.csv", "csv", join=copy))


async def answers_by_prompt_order(services: Services, whole: Run) -> list[str]:
    """What the newest success says to each request of the first draft, in its order."""
    draft = services.paths.draft_file(whole.id).read_bytes().splitlines()
    ids = [json.loads(each)["custom_id"] for each in draft]
    rows = await services.store.results.rows(await services.store.results.refs(whole.scope))
    words = {row.custom_id: row.first_words for row in rows}
    return [words[each] for each in ids]


async def test_a_source_that_was_changed_since(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    fated(simulator, {})
    source = tickets(tmp_path / "tickets.csv")
    made = await launched(services, source, Making(override=RECIPE))
    ended(simulator)
    await run(services, Refresh())
    os.utime(source)
    done = await run(services, Export(made.scope, tmp_path / "out.csv", "csv", join=source))
    assert "tickets.csv was changed after it was launched: look whether the rows fit" in done.message
    source.write_text("text,n\nsame,1\n")
    with pytest.raises(UsageError, match="fewer rows than when it was launched"):
        await run(services, Export(made.scope, tmp_path / "less.csv", "csv", join=source))
    assert not (tmp_path / "less.csv").exists()
