"""A TCP proxy between a client and a real server that breaks lines where a script says so.

It asks the server for `Connection: close`, so that every connection carries exactly one request; that keeps
the script, one action per request, free of any doubt about which request an action hits.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from urllib.parse import urlsplit

Kind = Literal[
    "pass",  # change nothing (with a gate: forward only when it opens)
    "cut_response",  # forward the head and `count` bytes of the response's body, then end the line
    "cut_request",  # forward the head and `count` bytes of the request's body, then end the line
    "drop_before",  # take the whole request, forward nothing: the effect does not happen
    "drop_after",  # let the server answer, tell the client nothing: the effect did happen
    "corrupt_line",  # spoil the first byte of the `count`-th result line, lengths unchanged
]


@dataclass
class Action:
    """What to do with the requests that match, `times` of them."""

    match: re.Pattern[str]
    kind: Kind
    count: int = 0
    gate: asyncio.Event | None = None
    times: int | None = 1
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    def takes(self, line: str) -> bool:
        """Tell whether this request is hit, and count it if so."""
        if self.times == 0 or not self.match.fullmatch(line):
            return False
        if self.times is not None:
            self.times -= 1
        self.reached.set()
        return True


@dataclass
class Happening:
    """One request that came through: what was done, and how much passed each way."""

    method: str
    path: str
    kind: Kind
    forwarded: int = 0
    returned: int = 0
    status: int | None = None


@dataclass
class Line:
    """Both ends of one proxied connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def close(self) -> None:
        """Close the writing end, whatever state it is in."""
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


class FaultProxy:
    """Listens on a free port; everything passes unless `on` says otherwise."""

    def __init__(self, upstream: str | Path) -> None:
        self.upstream = upstream
        self.happened: list[Happening] = []
        self._actions: list[Action] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """The base URL for a client."""
        assert self._server is not None, "the proxy is not running"
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def on(
        self,
        match: str,
        kind: Kind,
        count: int = 0,
        *,
        gate: asyncio.Event | None = None,
        times: int | None = 1,
    ) -> Action:
        """Script an action for requests such as `GET /v1/messages/*`; a star is one part of the path."""
        pattern = ".*" if match == "*" else re.escape(match).replace(r"\*", "[^/]+")
        action = Action(re.compile(pattern), kind, count, gate, times)
        self._actions.append(action)
        return action

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(Line(reader, writer)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, client: Line) -> None:
        try:
            # A client that leaves, or an idle connection that is closed, is nobody's fault.
            with contextlib.suppress(OSError, EOFError):
                await self._exchange(client)
        finally:
            await client.close()

    async def _exchange(self, client: Line) -> None:
        head = await client.reader.readuntil(b"\r\n\r\n")
        method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        path = target.partition("?")[0]
        action = next((each for each in self._actions if each.takes(f"{method} {path}")), None)
        happening = Happening(method, path, action.kind if action else "pass")
        self.happened.append(happening)
        body = await _read_body(client.reader, head)
        if action and action.gate:
            await action.gate.wait()
        if happening.kind == "drop_before":
            return
        server = await self._connect()
        try:
            if happening.kind == "cut_request":
                body = body[: action.count if action else 0]
            server.writer.write(_closing(head) + body)
            happening.forwarded = len(body)
            await server.writer.drain()
            if happening.kind != "cut_request":
                await _relay(server.reader, client.writer, happening, action.count if action else 0)
        finally:
            await server.close()

    async def _connect(self) -> Line:
        if isinstance(self.upstream, Path):
            return Line(*await asyncio.open_unix_connection(self.upstream))
        where = urlsplit(self.upstream)
        return Line(*await asyncio.open_connection(where.hostname, where.port))


async def _read_body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    length = re.search(rb"\r\ncontent-length:\s*(\d+)", head, re.IGNORECASE)
    if length:
        return await reader.readexactly(int(length[1]))
    if not re.search(rb"\r\ntransfer-encoding:\s*chunked", head, re.IGNORECASE):
        return b""
    parts = []
    while True:
        size = await reader.readuntil(b"\r\n")
        parts.append(size + await reader.readexactly(int(size, 16) + 2))
        if int(size, 16) == 0:
            return b"".join(parts)


def _closing(head: bytes) -> bytes:
    without = re.sub(rb"\r\nconnection:[^\r]*", b"", head, flags=re.IGNORECASE)
    return without.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")


async def _relay(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, happening: Happening, count: int
) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    happening.status = int(head.split(b" ", 2)[1])
    if happening.kind == "drop_after":
        await reader.read()
        return
    writer.write(head)
    left = count if happening.kind == "cut_response" else None
    async for piece in _pieces(reader, happening.kind, count):
        part = piece if left is None else piece[:left]
        writer.write(part)
        await writer.drain()
        happening.returned += len(part)
        if left is not None:
            left -= len(part)
            if left == 0:
                return


async def _pieces(reader: asyncio.StreamReader, kind: Kind, count: int) -> AsyncIterator[bytes]:
    if kind == "corrupt_line":
        yield _corrupted(await reader.read(), count)
        return
    while piece := await reader.read(1 << 16):
        yield piece


def _corrupted(body: bytes, number: int) -> bytes:
    # Result lines are found by their first key, as chunk borders put line ends of their own in between.
    starts = [match.start() for match in re.finditer(rb'\{"custom_id"', body)]
    place = starts[number - 1]
    return body[:place] + b"#" + body[place + 1 :]
