"""Rule 1 to the death: kill -9 of a real process, at moments that it or the line announces."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.conftest import Played
from tests.launching import (
    check_what_is_found,
    posts,
    state_of,
    write_source,
)
from tui.api import Connection
from tui.commands import Prepare, Send
from tui.errors import Uncertain
from tui.handlers import Services, run, unfinished
from tui.model import DRAFT, SENDING, SENT, UNCERTAIN
from tui.paths import Paths
from tui.simulator import Simulator


class Tripwire:
    """A line to the service that kills at a given byte, and afterwards lets everything through."""

    def __init__(self, upstream: str, where: tuple[str, float] | None, kill: Callable[[], None]) -> None:
        self._upstream = urlsplit(upstream)
        self._where = where
        self._kill = kill
        self._tasks: set[asyncio.Task[None]] = set()
        self.tripped = where is None
        self.settled = asyncio.Event()
        """The connection that was tripped on is over: the service knows all it will ever know."""
        self.url = ""

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Tripwire]:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = not self.settled.is_set()
        up_reader, up_writer = await asyncio.open_connection(self._upstream.hostname, self._upstream.port)
        try:
            with suppress(OSError, EOFError):
                await self._exchange(reader, writer, up_reader, up_writer)
        finally:
            for each in (writer, up_writer):
                each.close()
                with suppress(OSError):
                    await each.wait_closed()
            if first:
                self.settled.set()

    async def _exchange(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        up_reader: asyncio.StreamReader,
        up_writer: asyncio.StreamWriter,
    ) -> None:
        if self._trips("connect"):
            return
        head = await reader.readuntil(b"\r\n\r\n")
        if await self._pass(head, up_writer, "head"):
            return
        length = next(
            (int(h.split(b":")[1]) for h in head.lower().split(b"\r\n") if h.startswith(b"content-l")), 0
        )
        body = await reader.readexactly(length)
        if await self._pass(body, up_writer, "body"):
            return
        answer = await up_reader.readuntil(b"\r\n\r\n")
        answer += await up_reader.read(1 << 16)
        if await self._pass(answer, writer, "answer"):
            return
        while piece := await up_reader.read(1 << 16):
            writer.write(piece)
            await writer.drain()

    def _trips(self, part: str) -> bool:
        if self.tripped or self._where is None or self._where[0] != part:
            return False
        self.tripped = True
        self._kill()
        return True

    async def _pass(self, data: bytes, to: asyncio.StreamWriter, part: str) -> bool:
        """Forward a part, or as much of it as is due before the kill."""
        due = data
        if not self.tripped and self._where is not None and self._where[0] == part:
            due = data[: int(len(data) * self._where[1])]
        to.write(due)
        await to.drain()
        return self._trips(part)


@dataclass(frozen=True)
class Moment:
    """When the process dies: at a mark it passes, or at a share of a part of the exchange."""

    name: str
    mark: str = ""
    wire: tuple[str, float] | None = None
    creates: int = 0
    state: str = SENDING


MOMENTS = [
    Moment("the draft is saved", mark="prepared", state=DRAFT),
    Moment("the draft is held", mark="held", state=DRAFT),
    Moment("the intent is durable", mark="started"),
    Moment("the line is open", wire=("connect", 0)),
    Moment("half the head is out", wire=("head", 0.5)),
    Moment("the head is out", wire=("head", 1)),
    Moment("a tenth of the body is out", wire=("body", 0.1)),
    Moment("all but the last bytes are out", wire=("body", 0.999)),
    Moment("no byte of the answer has come", wire=("answer", 0), creates=1),
    Moment("half the answer has come", wire=("answer", 0.5), creates=1),
    Moment("the whole answer is here", mark="answered", creates=1),
    Moment("the end is durable", mark="noted", creates=1, state=SENT),
]


def launch_and_die(environment: Mapping[str, str], folder: Path, source: Path, mark: str, pipe: Pipe) -> None:
    """The child: launch a source, and stand still at the mark until the kill comes."""
    os.environ.clear()
    os.environ.update(environment)
    asyncio.run(_launch_until(folder, source, mark, pipe))


async def _launch_until(folder: Path, source: Path, mark: str, pipe: Pipe) -> None:
    from tui.__main__ import build

    def passing(here: str) -> None:
        if here == mark:
            pipe.send(here)
            pipe.recv()  # never comes

    def marked(work: Any, before: str, after: str) -> Any:
        async def wrapped(*arguments: Any, **named: Any) -> Any:
            passing(before)
            result = await work(*arguments, **named)
            passing(after)
            return result

        return wrapped

    places = Paths(data=folder / "data", config=folder / "config", log=folder / "log").make()
    async with build(places, Connection()) as services:
        made, _ = await run(services, Prepare((source,)))
        (launch,) = made.launches
        passing("prepared")
        launches: Any = services.store.launches
        launches.start = marked(launches.start, "held", "started")
        launches.sent = marked(launches.sent, "answered", "noted")
        await run(services, Send(launch.id))
    pipe.send("alive")


@pytest.fixture(scope="module")
def children() -> Any:
    """Processes forked from one that has the SDK loaded already: a dozen of them for the price of one."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["anthropic", "aiosqlite", "tui.__main__", __name__])
    return context


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is a POSIX matter")
@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.name.replace(" ", "-"))
async def test_a_killed_launch_is_found_unfinished_or_made_nothing(
    played: Played,
    tmp_path: Path,
    clean_environment: Path,
    monkeypatch: pytest.MonkeyPatch,
    children: Any,
    moment: Moment,
) -> None:
    from tui.__main__ import build

    source = write_source(tmp_path, padding=50_000)
    ours, theirs = multiprocessing.Pipe()
    child: Any = None
    wire = Tripwire(played.url, moment.wire, lambda: child.kill())
    async with wire.listening():
        monkeypatch.setenv("ANTHROPIC_BASE_URL", wire.url)
        folder = tmp_path / "child"
        arguments = (dict(os.environ), folder, source, moment.mark, theirs)
        child = children.Process(target=launch_and_die, args=arguments)
        await asyncio.to_thread(child.start)
        theirs.close()
        try:
            async with asyncio.timeout(30):
                if moment.mark:
                    assert await asyncio.to_thread(ours.recv) == moment.mark
                else:
                    await wire.settled.wait()
        finally:
            child.kill()
        await asyncio.to_thread(child.join)
        assert child.exitcode == -9
        ours.close()
        assert (posts(played.simulator) <= 1, played.simulator.creates) == (True, moment.creates)
        places = Paths(data=folder / "data", config=folder / "config", log=folder / "log")
        async with build(places, Connection()) as services:
            await check_after_death(services, played.simulator, moment)
    assert posts(played.simulator) <= 1


async def check_after_death(services: Services, simulator: Simulator, moment: Moment) -> None:
    (launch,) = await services.store.launches.all((await services.account()).id)
    assert launch.state == moment.state
    if moment.state == SENDING:
        await check_what_is_found(services, launch, simulator.account.batches)
    else:
        assert await unfinished(services) == []
    if moment.state == SENDING and not moment.creates:
        with pytest.raises(Uncertain):
            await run(services, Send(launch.id))
        assert await state_of(services, launch) == UNCERTAIN
    if moment.state == SENT:
        assert launch.batch_id in simulator.account.batches
