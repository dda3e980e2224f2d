"""What has no whole answer, by group, prepared as another attempt of the same run."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.handling import names
from tests.launching import posts
from tests.retrying import (
    INVALID,
    LIMIT,
    OVERLOADED,
    PERMISSION,
    again,
    counts,
    drafted,
    ended,
    fated,
    fetched,
    group,
    ids_of,
    new_launches,
    said,
    sent,
    tried_once,
)
from tests.running import made_run
from tui.commands import Cancel, Drop, Forget, Refresh, Retry, SendRun
from tui.errors import BadSource, NotAvailable, UsageError
from tui.handlers import Services, retrying, run
from tui.handlers.attaching import Missing, missing
from tui.model import DRAFT, Change, Making, RetryGroup
from tui.simulator import Simulator

FATES = {
    "r-0": "expired",
    "r-1": OVERLOADED,
    "r-2": INVALID,
    "r-3": "refusal",
    "r-5": OVERLOADED,
    "r-6": LIMIT,
    "r-7": "max_tokens",
    "r-8": PERMISSION,
}


async def test_groups_and_which_are_sent_by_themselves(services: Services, simulator: Simulator) -> None:
    made = await tried_once(services, simulator, FATES)
    found = await retrying.groups(services, made.id)
    assert found == (
        RetryGroup("errored:overloaded_error", 2, "Overloaded"),
        RetryGroup("errored:usage_limit", 1, LIMIT.split(":", 2)[2]),
        RetryGroup("expired", 1),
        RetryGroup("max_tokens", 1, chosen=False),
        RetryGroup("refusal", 1, chosen=False),
        RetryGroup(
            "errored:invalid_request_error", 1, "max_tokens: 64 is too many", retriable=False, chosen=False
        ),
        RetryGroup(
            "errored:permission_error",
            1,
            "The workspace may not use this tool",
            retriable=False,
            chosen=False,
        ),
    )
    for id in (made.launches[1].id, made.scope[0]):
        assert await retrying.groups(services, id) == found, "whichever part of it is named"


async def test_another_attempt_of_the_same_requests(services: Services, simulator: Simulator) -> None:
    made = await tried_once(services, simulator, FATES)
    told: list[str] = []
    found = await again(services, made.id)
    (launch,) = new_launches(found)
    assert (launch.state, launch.attempt, launch.part, launch.run_id) == (DRAFT, 2, 1, made.id)
    assert (launch.name, launch.source, launch.requests) == ("tickets", made.source, 4)
    assert ids_of(services, found) == ["r-0", "r-1", "r-5", "r-6"]
    assert posts(simulator) == 2, "nothing was sent"
    before = services.paths.draft_file(made.id).read_bytes().splitlines()
    path = services.paths.draft_file(launch.id)
    assert path.read_bytes().splitlines()[:2] == before[:2], "byte for byte as they were sent"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert told == []
    fated(simulator, {})
    whole = await sent(services, simulator, found.id)
    await fetched(services, whole)
    assert (whole.attempts, len(whole.scope)) == (2, 3)
    assert await counts(services, made.id) == {
        "max_tokens": 1,
        "refusal": 1,
        "errored:invalid_request_error": 1,
        "errored:permission_error": 1,
    }
    assert await said(services, whole.scope) == {
        **{f"r-{n}": "end_turn" for n in range(9)},
        **{"r-2": "invalid_request_error", "r-3": "refusal", "r-7": "max_tokens", "r-8": "permission_error"},
    }


async def test_until_it_is_whole(services: Services, simulator: Simulator) -> None:
    made = await tried_once(services, simulator, FATES)
    await again(services, made.id, "errored:overloaded_error", "refusal")
    fated(simulator, {"r-1": "expired", "r-3": OVERLOADED})
    await sent(services, simulator, made.id)
    assert (await counts(services, made.id)) == {
        "expired": 2,
        "errored:usage_limit": 1,
        "refusal": 1,  # an answer of sorts, which the error that came after it does not take the place of
        "max_tokens": 1,
        "errored:invalid_request_error": 1,
        "errored:permission_error": 1,
    }
    keys = tuple(await counts(services, made.id))
    found = await again(services, made.id, *keys)
    assert found.attempts == 3
    assert sorted(ids_of(services, found)) == ["r-0", "r-1", "r-2", "r-3", "r-6", "r-7", "r-8"]
    fated(simulator, {})
    await sent(services, simulator, made.id)
    assert await retrying.groups(services, made.id) == ()
    with pytest.raises(UsageError, match="has a whole answer"):
        await again(services, made.id)


async def test_what_only_fails_again_needs_a_word_or_a_change(
    services: Services, simulator: Simulator
) -> None:
    made = await tried_once(services, simulator, {"r-0": INVALID, "r-1": "refusal"}, (3,))
    with pytest.raises(UsageError, match=r"Nothing of it is sent again by itself.*Name a group"):
        await again(services, made.id)
    with pytest.raises(UsageError, match=r"no group “expired”.*There are refusal, errored:invalid"):
        await again(services, made.id, "expired")
    named = await again(services, made.id, "errored:invalid_request_error")
    assert ids_of(services, named) == ["r-0"]
    await run(services, Drop(new_launches(named)[0].id))
    changes = (Change("max_tokens", 32), Change("metadata.user_id", "u"), Change("thinking.budget_tokens"))
    found = await again(services, made.id, changes=changes)
    (request,) = drafted(services, new_launches(found)[0])
    assert request["params"] == {
        "model": "claude-haiku-5-5",
        "max_tokens": 32,
        "messages": [{"role": "user", "content": "Say a word."}],
        "metadata": {"user_id": "u"},
    }
    assert found.attempts == 3, "an attempt that was given up stays one"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change("model.x", 1), "“model.x” cannot be changed"),
        (Change("", 1), "names no parameter"),
        (Change("a..b", 1), "names no parameter"),
    ],
)
async def test_changes_that_cannot_be_made(
    services: Services, simulator: Simulator, change: Change, words: str
) -> None:
    made = await tried_once(services, simulator, {"r-0": "expired"}, (2,))
    before = names(services.paths.drafts)
    with pytest.raises(UsageError, match=words):
        await again(services, made.id, changes=(change,))
    assert names(services.paths.drafts) - before <= {f"{made.id}.lock"}
    assert (await services.store.runs.get(made.id)) == made


async def test_a_change_that_makes_them_wrong(services: Services, simulator: Simulator) -> None:
    made = await tried_once(services, simulator, {"r-0": "expired", "r-1": "expired"}, (2,))
    with pytest.raises(BadSource) as caught:
        await again(services, made.id, changes=(Change("max_tokens", "many"),))
    draft = caught.value.draft
    assert draft is not None and draft.problem_count == 2
    assert [problem.place for problem in draft.problems] == ["request r-0", "request r-1"]
    assert "tickets.jsonl cannot be sent: 2 problems" in caught.value.title
    assert len(list(services.paths.drafts.glob("*.jsonl"))) == 1, "only what was sent"


async def test_requests_without_a_result(services: Services, simulator: Simulator) -> None:
    made = await tried_once(services, simulator, {"r-1": "expired"}, (4, 3))
    first = json_lines(simulator, made.scope[0])
    simulator.replace_results(made.scope[0], [line for n, line in sorted(first.items()) if n != 0])
    simulator.replace_results(made.scope[1], [json_lines(simulator, made.scope[1])[4]])
    found = await retrying.groups(services, made.id)
    assert (group("missing", found), group("expired", found)) == (
        RetryGroup("missing", 3),
        RetryGroup("expired", 1),
    )
    found_run = await again(services, made.id)
    assert ids_of(services, found_run) == ["r-0", "r-1", "r-5", "r-6"]


def json_lines(simulator: Simulator, batch_id: str) -> dict[int, bytes]:
    """The results of a batch by the number of their request."""
    work = simulator.account.batches[batch_id].work
    message = b'{"model":"m","stop_reason":"end_turn","content":[{"type":"text","text":"x"}]}'
    good = b'{"custom_id":"%s","result":{"type":"succeeded","message":%s}}\n'
    bad = b'{"custom_id":"%s","result":{"type":"expired"}}\n'
    found = {}
    for index in range(len(work)):
        name = work.asked(index).custom_id
        is_bad = work.fate(index) == "expired"
        line = bad % name.encode() if is_bad else good % (name.encode(), message)
        found[int(name.removeprefix("r-"))] = line
    return found


async def test_a_newer_attempt_is_tried_again_as_it_was_sent_then(
    services: Services, simulator: Simulator
) -> None:
    made = await tried_once(services, simulator, {"r-0": "expired", "r-1": "expired"}, (3,))
    await again(services, made.id, changes=(Change("max_tokens", 7),))
    fated(simulator, {"r-1": OVERLOADED})
    await sent(services, simulator, made.id)
    found = await again(services, made.id)
    (request,) = drafted(services, new_launches(found)[0])
    assert (request["custom_id"], request["params"]["max_tokens"]) == ("r-1", 7)


async def test_too_many_for_one_batch(
    services: Services, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await tried_once(services, simulator, {f"r-{n}": "expired" for n in range(7)}, (7,))
    monkeypatch.setattr(retrying, "Making", lambda **given: Making(**given, most_requests=3))
    found = await again(services, made.id)
    assert [(each.part, each.attempt, each.requests) for each in new_launches(found)] == [
        (1, 2, 3),
        (2, 2, 3),
        (3, 2, 1),
    ]
    assert ids_of(services, found) == [f"r-{n}" for n in range(7)]
    fated(simulator, {})
    whole = await sent(services, simulator, made.id)
    assert (len(whole.scope), posts(simulator)) == (4, 4)
    assert await retrying.groups(services, made.id) == ()


# -- what has to be settled first --------------------------------------------------------------------------


async def test_nothing_is_tried_again_while_a_batch_runs(services: Services, simulator: Simulator) -> None:
    fated(simulator, {})
    made = await made_run(services, (2, 2))
    with pytest.raises(UsageError, match="2 drafts of run “tickets” wait to be sent"):
        await retrying.groups(services, made.id)
    found = await run(services, SendRun(made.id))
    simulator.account.batches[found.scope[0]].end(simulator.clock())
    with pytest.raises(UsageError, match=f"Batch {found.scope[1]} still runs.*Wait.*or cancel"):
        await retrying.groups(services, made.id)
    with pytest.raises(UsageError, match="still runs"):
        await again(services, found.scope[0])
    await run(services, Cancel((found.scope[1],)))
    ended(simulator)
    # Nobody has polled: the service is asked.
    assert await retrying.groups(services, made.id) == ()


async def test_a_retry_that_waits_is_sent_or_dropped_first(services: Services, simulator: Simulator) -> None:
    made = await tried_once(services, simulator, {"r-0": "expired"}, (2,))
    found = await again(services, made.id)
    with pytest.raises(UsageError, match="1 draft of run “tickets” waits to be sent"):
        await again(services, made.id)
    await run(services, Drop(new_launches(found)[0].id))
    assert ids_of(services, await again(services, made.id)) == ["r-0"]


async def test_an_unclear_launch_is_settled_first(services: Services, simulator: Simulator) -> None:
    made = await tried_once(services, simulator, {"r-0": "expired"}, (2,))
    found = await again(services, made.id)
    await services.store.launches.uncertain(new_launches(found)[0].id, "Cut off.")
    with pytest.raises(UsageError, match="nobody knows whether a batch was created"):
        await again(services, made.id)


async def test_one_at_a_time(services: Services, simulator: Simulator) -> None:
    made = await tried_once(services, simulator, {"r-0": "expired"}, (2,))
    outcomes = await asyncio.gather(*(again(services, made.id) for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(each, UsageError) for each in outcomes) == 2
    known = await services.store.runs.get(made.id)
    assert known is not None and len(known.launches) == 2


async def test_results_are_fetched_once_and_missed_in_words(services: Services, simulator: Simulator) -> None:
    made = await tried_once(services, simulator, {"r-0": "expired"}, (2, 2))
    await retrying.groups(services, made.id)
    found = await again(services, made.id)
    assert len(simulator.log.matching("GET", "*/results")) == 2
    await run(services, Drop(new_launches(found)[0].id))
    await services.store.batches.gone([made.scope[1]], services.clock())
    services.paths.result_file(made.scope[1]).unlink()
    with pytest.raises(NotAvailable, match="no longer has batch"):
        await retrying.groups(services, made.id)


async def test_a_forgotten_batch_is_left_out(services: Services, simulator: Simulator) -> None:
    made = await tried_once(services, simulator, {"r-0": "expired", "r-3": "expired"}, (2, 2))
    await services.store.batches.gone([made.scope[1]], services.clock())
    await run(services, Forget((made.scope[1],)))
    assert await counts(services, made.id) == {"expired": 1}
    assert ids_of(services, await again(services, made.id)) == ["r-0"]


async def test_unknown_ids_and_lost_drafts(services: Services, simulator: Simulator) -> None:
    with pytest.raises(UsageError, match="No such batch: nothing"):
        await retrying.groups(services, "nothing")
    with pytest.raises(UsageError, match="No such batch"):
        await retrying.retry(services, Retry("nothing"))
    made = await tried_once(services, simulator, {"r-0": "expired"}, (2,))
    services.paths.draft_file(made.id).unlink()
    with pytest.raises(NotAvailable, match=r"cannot be read.*Put it back"):
        await again(services, made.id)


async def test_news_of_the_run(services: Services, simulator: Simulator) -> None:
    from dataclasses import replace

    made = await tried_once(services, simulator, {"r-0": "expired"}, (2,))
    heard: list[str] = []
    read: list[tuple[int, int]] = []
    listening = replace(services, on_run=heard.append, on_read=lambda *how: read.append(how))
    await again(listening, made.id)
    await asyncio.sleep(0)
    assert heard == [made.id]
    assert read and read[-1][0] == read[-1][1]


async def test_the_requests_for_an_editor(services: Services, simulator: Simulator, tmp_path: Path) -> None:
    made = await tried_once(services, simulator, FATES)
    path = tmp_path / "edit.jsonl"
    assert await retrying.write_chosen(services, made.id, ("refusal",), path) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == services.paths.draft_file(made.id).read_bytes().splitlines(keepends=True)[3]
    assert await retrying.write_chosen(services, made.id, (), path) == 6, "those that an edit may mend, too"
    written: list[Any] = [json.loads(line)["custom_id"] for line in path.read_bytes().splitlines()]
    assert written == ["r-0", "r-1", "r-2", "r-5", "r-6", "r-8"]
    with pytest.raises(UsageError, match="no group “missing”"):
        await retrying.write_chosen(services, made.id, ("missing",), path)
    await run(services, Refresh())


async def test_what_is_missing_of_a_run(services: Services, simulator: Simulator) -> None:
    """A request is missing when none of the attempts has a line of it; a retry does not make it twice."""
    made = await tried_once(services, simulator, {"r-1": "expired"}, (4, 2))
    lines = json_lines(simulator, made.scope[0])
    simulator.replace_results(made.scope[0], [lines[1], lines[2]])
    await fetched(services, made)
    assert await missing(services, made.scope) == Missing(2, ("r-0", "r-3"))
    found = await again(services, made.id)
    assert ids_of(services, found) == ["r-0", "r-1", "r-3"]
    fated(simulator, {})
    whole = await sent(services, simulator, made.id)
    retry_id = whole.scope[-1]
    lines = json_lines(simulator, retry_id)
    simulator.replace_results(retry_id, [lines[0]])
    await fetched(services, whole)
    assert await missing(services, whole.scope) == Missing(1, ("r-3",))
    assert await missing(services, (retry_id,)) == Missing(2, ("r-1", "r-3")), "a batch by itself"
    assert await missing(services, whole.scope[:1]) == Missing(2, ("r-0", "r-3"))
    assert await counts(services, made.id) == {"expired": 1, "missing": 1}
    assert ids_of(services, await again(services, made.id)) == ["r-1", "r-3"]
