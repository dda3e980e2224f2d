"""The requests of a batch: its draft, or a file the user says it was made of."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.handling import ended, entry, polled
from tests.launching import prepared
from tui.commands import Attach, Detach, Done, Download, Send
from tui.errors import NotAvailable, UsageError
from tui.handlers import Services, run
from tui.handlers.attaching import missing, request_of, requests_of
from tui.simulator import Simulator


async def fetched(services: Services, simulator: Simulator, number: int = 5) -> str:
    """A batch launched elsewhere, whose results are here: request-00000 and on."""
    batch_id = ended(simulator, ("prose", number))
    await polled(services)
    await run(services, Download((batch_id,)))
    return batch_id


def source(path: Path, ids: list[str], said: str = "Hello") -> Path:
    params = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": said}]}
    lines = (json.dumps({"custom_id": custom_id, "params": params}) + "\n" for custom_id in ids)
    path.write_text("".join(lines), encoding="utf-8")
    return path


async def ids_of(services: Services, batch_id: str) -> list[str]:
    refs = await services.store.results.refs((batch_id,))
    return [row.custom_id for row in await services.store.results.rows(refs)]


async def attached(services: Services, batch_id: str, path: Path) -> Done:
    done = await run(services, Attach(batch_id, path))
    assert isinstance(done, Done)
    return done


async def test_a_file_is_attached_read_and_detached(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    batch_id = await fetched(services, simulator)
    ids = await ids_of(services, batch_id)
    assert await requests_of(services, batch_id) is None
    heard: list[frozenset[str]] = []
    services.store.subscribe(heard.append)
    done = await attached(services, batch_id, source(tmp_path / "a.jsonl", ids))
    assert done == Done("Attached a.jsonl: 5 requests, among them those of all 5 results.")
    assert frozenset([batch_id]) in heard
    request = json.loads(await request_of(services, batch_id, ids[3]) or b"")
    assert request["custom_id"] == ids[3] and request["params"]["model"] == "m"
    assert await request_of(services, batch_id, "nobody") is None
    assert "detached" in (await run(services, Detach(batch_id))).message
    assert await requests_of(services, batch_id) is None
    assert "No file" in (await run(services, Detach(batch_id))).message


async def test_a_file_that_does_not_fit_is_refused(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    batch_id = await fetched(services, simulator)
    ids = await ids_of(services, batch_id)
    stranger = '{"custom_id":"stranger","params":{}}\n'
    for content, words in (("", "no requests in b.jsonl: it is empty"), (stranger, "None of the 5 results")):
        (tmp_path / "b.jsonl").write_text(content, encoding="utf-8")
        with pytest.raises(UsageError, match=words):
            await attached(services, batch_id, tmp_path / "b.jsonl")
    with pytest.raises(NotAvailable, match="No such file"):
        await attached(services, batch_id, tmp_path / "nowhere.jsonl")
    with pytest.raises(NotAvailable, match="directory"):
        await attached(services, batch_id, tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="not a regular file"):
        await attached(services, batch_id, tmp_path / "pipe")
    with pytest.raises(UsageError, match="No such batch"):
        await attached(services, "msgbatch_nobody", tmp_path / "b.jsonl")
    assert await requests_of(services, batch_id) is None
    done = await attached(services, batch_id, source(tmp_path / "c.jsonl", [*ids[:3], ids[0], "other"]))
    assert done.severity == "warning"
    assert "only 3 of 5 results" in done.message and "1 of them with a repeated custom_id" in done.message


NO_REQUESTS = {
    "a.csv": (b"id,text\nx,y\n", "a.csv is a table.*--join FILE"),
    "a.tsv": (b'id\ttext\nx\t{"custom_id": "request-00000"}\n', "a.tsv is a table"),
    "results.jsonl": (b'{"custom_id":"request-00000","result":{"type":"expired"}}\n', "results of a batch"),
    "openai.jsonl": (
        b'{"custom_id":"request-00000","method":"POST","url":"/v1/chat/completions","body":{"messages":[]}}\n',
        "requests of another service",
    ),
    "bodies.jsonl": (b'{"model":"m","max_tokens":5,"messages":[]}\n', "bodies.*without their custom_ids"),
    "records.jsonl": (b'{"id":1,"text":"x"}\n', "has records"),
    "ids.jsonl": (b'{"custom_id":"request-00000"}\n', "no params beside them"),
    "packed.jsonl.gz": (gzip.compress(b'{"custom_id":"a","params":{}}\n'), "is compressed.*Unpack it"),
    "a.zip": (b"PK\x03\x04....", "compressed"),
    "a.pdf": (b"%PDF-1.7\n", "a text or a picture"),
    "a.bin": (bytes(range(256)), "binary"),
    "letter.txt": (b"Dear all,\nall is well.\n", "a text or a picture"),
}


@pytest.mark.parametrize("name", NO_REQUESTS)
async def test_what_is_no_file_of_requests_is_called_what_it_is(
    services: Services, simulator: Simulator, tmp_path: Path, name: str
) -> None:
    batch_id = await fetched(services, simulator)
    content, words = NO_REQUESTS[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=words):
        await attached(services, batch_id, tmp_path / name)
    assert await requests_of(services, batch_id) is None


async def test_the_file_is_read_again_when_it_was_written_again(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    batch_id = await fetched(services, simulator)
    ids = await ids_of(services, batch_id)
    path = source(tmp_path / "a.jsonl", ids)
    await attached(services, batch_id, path)
    os.utime(path, (1, 1))
    first, second = await asyncio.gather(*(requests_of(services, batch_id) for _ in range(2)))
    assert first is not None and second is not None
    assert json.loads(first.line(ids[3]) or b"")["custom_id"] == ids[3]
    path.unlink()
    with pytest.raises(NotAvailable, match="cannot be read"):
        await request_of(services, batch_id, ids[0])


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "other words": lambda whole: whole.replace(b"Hello", b"Hullo"),
    "cut": lambda whole: whole[: len(whole) // 2],
    "another order": lambda whole: b"\n".join(reversed(whole.splitlines())),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_file_that_is_no_longer_what_was_attached_is_not_believed(
    services: Services, simulator: Simulator, tmp_path: Path, change: str
) -> None:
    batch_id = await fetched(services, simulator)
    ids = await ids_of(services, batch_id)
    path = source(tmp_path / "a.jsonl", ids)
    await attached(services, batch_id, path)
    whole = path.read_bytes()
    path.write_bytes(CHANGES[change](whole))
    with pytest.raises(UsageError, match=r"a\.jsonl has changed since it was attached") as caught:
        await request_of(services, batch_id, ids[0])
    assert f"batchdeck attach {batch_id} FILE" in caught.value.hint
    with pytest.raises(UsageError, match="has changed since it was attached"):
        await missing(services, (batch_id,))
    path.write_bytes(whole)
    assert b"Hello" in (await request_of(services, batch_id, ids[0]) or b"")
    path.write_bytes(CHANGES["other words"](whole))
    await attached(services, batch_id, path)
    assert b"Hullo" in (await request_of(services, batch_id, ids[0]) or b"")


async def test_a_draft_that_changed_is_not_shown_either(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    launch = await prepared(services, tmp_path)
    sent = await run(services, Send(launch.id))
    draft = services.paths.draft_file(launch.id)
    custom_id = json.loads(draft.read_bytes().splitlines()[0])["custom_id"]
    draft.write_bytes(draft.read_bytes().replace(b"messages", b"massages"))
    with pytest.raises(UsageError, match="has changed since it was sent"):
        await request_of(services, sent.batch_id, custom_id)


async def test_another_request_in_its_place_is_never_shown(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    """Whoever writes into the file while it is open may even leave its size and time as they were."""
    batch_id = await fetched(services, simulator)
    ids = await ids_of(services, batch_id)
    path = source(tmp_path / "a.jsonl", ids)
    await attached(services, batch_id, path)
    before = path.stat()
    source(path, list(reversed(ids)))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(NotAvailable, match="has changed"):
        await request_of(services, batch_id, ids[0])


async def test_results_that_are_still_to_come(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    batch_id = ended(simulator)
    await polled(services)
    done = await attached(services, batch_id, source(tmp_path / "a.jsonl", ["a"]))
    assert "no results yet" in done.message


async def test_a_launch_has_its_draft(services: Services, simulator: Simulator, tmp_path: Path) -> None:
    launch = await prepared(services, tmp_path)
    sent = await run(services, Send(launch.id))
    simulator.end(sent.batch_id)
    request = json.loads(await request_of(services, sent.batch_id, "ticket-2") or b"")
    assert request["custom_id"] == "ticket-2"
    with pytest.raises(UsageError, match="launched from here"):
        await attached(services, sent.batch_id, tmp_path / "tickets.jsonl")
    draft = services.paths.draft_file(launch.id)
    draft.unlink()
    with pytest.raises(NotAvailable, match="cannot be read"):
        await requests_of(services, sent.batch_id)
    await attached(services, sent.batch_id, tmp_path / "tickets.jsonl")
    assert await request_of(services, sent.batch_id, "ticket-2") is not None


async def test_requests_without_a_result_are_named(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    batch_id = await fetched(services, simulator, 10)
    ids = await ids_of(services, batch_id)
    assert (await missing(services, (batch_id,))).count == 0
    lines = services.paths.result_file(batch_id).read_bytes().splitlines(keepends=True)
    again = simulator.invent([("prose", 10)])
    simulator.replace_results(again.id, [*lines[:8], *lines[:2]])
    await polled(services)
    await run(services, Download((again.id,)))
    assert (await entry(services, again.id)).results is not None
    path = source(tmp_path / "a.jsonl", ids)
    await attached(services, again.id, path)
    found = await missing(services, (again.id,))
    assert found.count == 2 and set(found.custom_ids) == set(ids) - set(await ids_of(services, again.id))
    await attached(services, batch_id, path)
    assert (await missing(services, (batch_id, again.id))).count == 0
    await attached(services, again.id, source(path, [*ids, *(f"another-{n}" for n in range(20))]))
    found = await missing(services, (again.id,))
    assert (found.count, found.custom_ids) == (2, ())
