"""Requests that the user has edited, and batches that were launched elsewhere."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.handling import ended as invented
from tests.handling import names
from tests.launching import posts
from tests.retrying import (
    INVALID,
    again,
    counts,
    drafted,
    edited,
    fated,
    fetched,
    ids_of,
    new_launches,
    said,
    sent,
    tried_once,
)
from tests.test_attaching import attached, source
from tests.test_marks import restored
from tui.commands import Download, Label, Refresh
from tui.errors import BadSource, StoreError, UsageError
from tui.handlers import Services, recall, retrying, run
from tui.model import DRAFT, SENT, Change, Run
from tui.simulator import Simulator

Requests = list[dict[str, Any]]


async def to_edit(services: Services, made: Run, folder: Path, *groups: str) -> Requests:
    path = folder / "edit.jsonl"
    await retrying.write_chosen(services, made.id, groups, path)
    return [json.loads(line) for line in path.read_bytes().splitlines()]


async def test_edited_requests_take_the_place_of_the_chosen(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    made = await tried_once(services, simulator, {"r-0": INVALID, "r-1": INVALID, "r-2": "expired"}, (4,))
    requests = await to_edit(services, made, tmp_path)
    assert len(requests) == 3
    requests[0]["params"]["max_tokens"] = 9
    path = edited(tmp_path / "edit.jsonl", [requests[2], requests[0]])
    found = await again(services, made.id, edited=path)
    assert ids_of(services, found) == ["r-2", "r-0"], "what was taken out is not sent"
    assert drafted(services, new_launches(found)[0])[1]["params"]["max_tokens"] == 9
    fated(simulator, {})
    await sent(services, simulator, made.id)
    assert await counts(services, made.id) == {"errored:invalid_request_error": 1}


async def test_an_edit_and_a_change_for_all(services: Services, simulator: Simulator, tmp_path: Path) -> None:
    made = await tried_once(services, simulator, {"r-0": INVALID, "r-1": INVALID}, (2,))
    requests = await to_edit(services, made, tmp_path)
    requests[0]["params"]["max_tokens"] = 9
    path = edited(tmp_path / "edit.jsonl", requests)
    found = await again(services, made.id, edited=path, changes=(Change("model", "claude-sonnet-5-5"),))
    assert [each["params"]["max_tokens"] for each in drafted(services, new_launches(found)[0])] == [9, 64]
    assert {each["params"]["model"] for each in drafted(services, new_launches(found)[0])} == {
        "claude-sonnet-5-5"
    }


@pytest.mark.parametrize("changes", [(), (Change("max_tokens", 5),)], ids=["alone", "changed as well"])
async def test_what_is_wrong_with_an_edit_is_said_by_its_line(
    services: Services, simulator: Simulator, tmp_path: Path, changes: tuple[Change, ...]
) -> None:
    made = await tried_once(services, simulator, {"r-0": "expired", "r-1": "expired", "r-2": "expired"}, (3,))
    requests = await to_edit(services, made, tmp_path)
    del requests[1]["params"]["messages"]
    requests[2]["custom_id"] = ""
    path = edited(tmp_path / "edit.jsonl", requests[:1])
    with path.open("a") as handle:
        handle.write("\n\n" + json.dumps(requests[1]) + "\n" + json.dumps(requests[2]) + "\n")
    with pytest.raises(BadSource, match=r"edit.jsonl cannot be sent") as caught:
        await again(services, made.id, edited=path, changes=changes)
    draft = caught.value.draft
    assert draft is not None and draft.source == str(path)
    places = [problem.place for problem in draft.problems]
    assert [place.split(":")[:2] for place in places] == [["edit.jsonl", "4"], ["edit.jsonl", "5"]]
    assert {place.split(":")[1] for group in draft.groups for place in group.places} == {"4", "5"}
    assert await services.store.runs.get(made.id) == made


async def test_an_edit_of_somebody_else_s_requests(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    made = await tried_once(services, simulator, {"r-0": "expired"}, (2,))
    (request,) = await to_edit(services, made, tmp_path)
    strangers = [{**request, "custom_id": name} for name in ("r-0", "other", "r-1", "[b]\x1b[31m")]
    path = edited(tmp_path / "edit.jsonl", strangers)
    with pytest.raises(BadSource, match="2 problems") as caught:
        await again(services, made.id, edited=path)
    draft = caught.value.draft
    assert draft is not None
    assert str(draft.problems[0]) == (
        "edit.jsonl:2: This is no request of the run: “other” – Leave custom_ids as they are."
    )
    assert (draft.problems[1].place, draft.groups[0].count) == ("edit.jsonl:4", 2)
    found = await again(services, made.id, edited=edited(path, [strangers[2]]))
    assert ids_of(services, found) == ["r-1"], "it is the user's word"


async def test_edits_that_are_none(services: Services, simulator: Simulator, tmp_path: Path) -> None:
    made = await tried_once(services, simulator, {"r-0": "expired"}, (2,))
    empty = tmp_path / "empty.jsonl"
    empty.write_text("\n  \n")
    with pytest.raises(UsageError, match="Nothing is left"):
        await again(services, made.id, edited=empty)
    with pytest.raises(UsageError, match="cannot be read"):
        await again(services, made.id, edited=tmp_path / "nowhere.jsonl")
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"custom_id": "r-0", "params": {\n')
    with pytest.raises(BadSource):
        await again(services, made.id, edited=broken)
    with pytest.raises(UsageError, match=r"broken.jsonl:1 is not a whole request"):
        await again(services, made.id, edited=broken, changes=(Change("max_tokens", 5),))
    assert await services.store.runs.get(made.id) == made
    assert [each for each in names(services.paths.drafts) if each.endswith(".jsonl")] == [f"{made.id}.jsonl"]


# -- launched elsewhere ------------------------------------------------------------------------------------


async def elsewhere(services: Services, simulator: Simulator, folder: Path, extra: int = 0) -> str:
    """A batch with two failures, and the file that its requests were in."""
    batch_id = invented(simulator, ("prose", 3), ("expired", 2))
    await run(services, Refresh())
    await run(services, Download((batch_id,)))
    lines = services.paths.result_file(batch_id).read_bytes().splitlines()
    ids = sorted(json.loads(line)["custom_id"] for line in lines)
    path = source(folder / "asked.jsonl", [*ids, *(f"more-{n}" for n in range(extra))])
    path.write_text(path.read_text().replace('"m"', '"claude-haiku-5-5"'))
    return batch_id


async def test_a_batch_launched_elsewhere_becomes_a_run(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    batch_id = await elsewhere(services, simulator, tmp_path)
    assert await counts(services, batch_id) == {"expired": 2}
    with pytest.raises(UsageError, match=f"not known here.*batchdeck attach {batch_id} FILE"):
        await again(services, batch_id)
    await attached(services, batch_id, tmp_path / "asked.jsonl")
    await run(services, Label(batch_id, "Old tickets"))
    changed: list[frozenset[str]] = []
    services.store.subscribe(changed.append)
    found = await again(services, batch_id)
    first, second = found.launches
    assert (first.state, first.batch_id, first.attempt, first.name) == (SENT, batch_id, 1, "Old tickets")
    assert (second.state, second.attempt, second.requests, second.name) == (DRAFT, 2, 2, "Old tickets")
    assert found.source == str(tmp_path / "asked.jsonl")
    assert frozenset([batch_id]) in changed
    entry = await services.store.batches.get(batch_id)
    assert entry is not None and entry.run_id == found.id
    fated(simulator, {})
    whole = await sent(services, simulator, found.id)
    await fetched(services, whole)
    assert len(await said(services, whole.scope)) == 5
    assert await retrying.groups(services, batch_id) == ()


async def test_and_is_tried_a_third_time(services: Services, simulator: Simulator, tmp_path: Path) -> None:
    batch_id = await elsewhere(services, simulator, tmp_path)
    await attached(services, batch_id, tmp_path / "asked.jsonl")
    found = await again(services, batch_id)
    simulator.switches.fate = lambda *_: "expired"
    await sent(services, simulator, found.id)
    third = await again(services, batch_id)
    assert (third.id, third.attempts, len(ids_of(services, third))) == (found.id, 3, 2)
    assert posts(simulator) == 1


async def test_a_file_that_changed_since_it_was_attached_is_not_tried_again(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    batch_id = await elsewhere(services, simulator, tmp_path)
    path = tmp_path / "asked.jsonl"
    await attached(services, batch_id, path)
    before, whole = path.stat(), path.read_bytes()
    path.write_bytes(whole.replace(b'"max_tokens": 5', b'"max_tokens": 9'))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(UsageError, match=r"asked\.jsonl has changed since it was attached") as caught:
        await again(services, batch_id)
    assert f"batchdeck attach {batch_id} FILE" in caught.value.hint
    with pytest.raises(UsageError, match="has changed since it was attached"):
        await retrying.write_chosen(services, batch_id, (), tmp_path / "edited.jsonl")
    path.write_bytes(whole)
    assert len(ids_of(services, await again(services, batch_id))) == 2


async def test_missing_requests_of_a_larger_file_are_not_guessed(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    batch_id = await elsewhere(services, simulator, tmp_path, extra=3)
    lines = services.paths.result_file(batch_id).read_bytes().splitlines(keepends=True)
    again_id = simulator.invent([("prose", 5)]).id
    simulator.replace_results(again_id, lines[:4])
    await run(services, Refresh())
    await attached(services, again_id, tmp_path / "asked.jsonl")
    (found,) = [each for each in await retrying.groups(services, again_id) if each.key == "missing"]
    assert (found.count, found.retriable, found.chosen) == (1, False, False)
    assert found.message == "Which they are is not known."
    with pytest.raises(UsageError, match="Nobody can tell"):
        await again(services, again_id, "missing")


async def test_a_store_that_fails_leaves_nothing(
    services: Services, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = await elsewhere(services, simulator, tmp_path)
    await attached(services, batch_id, tmp_path / "asked.jsonl")

    async def full(*_: object) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(services.store.runs, "add", full)
    with pytest.raises(StoreError, match="disk is full"):
        await again(services, batch_id)
    assert not list(services.paths.drafts.glob("*.jsonl*"))
    assert await services.store.runs.of_batch(batch_id) is None


async def test_a_lost_store_still_reads_it_as_one_with_what_was_tried_again(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    batch_id = await elsewhere(services, simulator, tmp_path)
    await attached(services, batch_id, tmp_path / "asked.jsonl")
    found = await again(services, batch_id)
    fated(simulator, {})
    whole = await sent(services, simulator, found.id)
    async with restored(services, None) as later:
        assert await recall(later, ask=True) == 2
        assert await later.store.runs.get(found.id) == replace(whole, problem="")
