"""An answer that comes while the body is still on its way, from a server that then hangs up."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.cli_runs import KEY
from tui.api import Api, Connection, early
from tui.api.early import Ear
from tui.errors import Refused, Uncertain

SAID = b'{"type":"error","error":{"type":"request_too_large","message":"Too much."}}'
ANSWER = b"HTTP/1.1 413 Too Large\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(SAID)
PATIENCE = 30.0


class Large:
    """A body that no socket takes in at once."""

    length = 64 << 20

    def chunks(self) -> Iterator[bytes]:
        for _ in range(64):
            yield bytes(1 << 20)


class Rude:
    """A server that answers as soon as it knows the length, reads nothing more, and hangs up when it may."""

    def __init__(self, answer: bytes) -> None:
        self.may_hang_up = threading.Event()
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self.may_hang_up.set()
        self._thread.join(PATIENCE)
        self._socket.close()

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(65536)
            connection.sendall(self._answer)
            self.may_hang_up.wait(PATIENCE)


@pytest.mark.parametrize(("answer", "expected"), [(ANSWER + SAID, Refused), (ANSWER[:20], Uncertain)])
async def test_a_no_that_comes_early_is_heard(
    monkeypatch: pytest.MonkeyPatch, answer: bytes, expected: type[Exception]
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    server = Rude(answer)
    retrieved = early._retrieved

    def heard(coming: asyncio.Future[bytes]) -> None:
        retrieved(coming)
        server.may_hang_up.set()

    monkeypatch.setattr(early, "_retrieved", heard)
    api = Api(Connection(base_url=server.url))
    try:
        with pytest.raises(expected):
            await api.create(Large())
    finally:
        await api.close()
        server.close()


class Line:
    """A connection by hand."""

    def __init__(self) -> None:
        self.coming: asyncio.Queue[bytes | OSError] = asyncio.Queue()
        self.written: list[bytes] = []
        self.ear = Ear(self.read, self.write)

    async def read(self, max_bytes: int, seconds: float | None = None) -> bytes:
        assert max_bytes
        if seconds == 0:
            raise ConnectionError("the transport's own word for a silence")
        found = await self.coming.get()
        if isinstance(found, OSError):
            raise found
        return found

    async def write(self, buffer: bytes, seconds: float | None = None) -> None:
        del seconds
        self.written.append(buffer)


@pytest.fixture
def uploading() -> Iterator[None]:
    token = early.uploading.set(True)
    yield
    early.uploading.reset(token)


async def test_small_questions_are_asked_as_ever() -> None:
    line = Line()
    await line.ear.write(b"question")
    assert line.ear._coming is None
    line.coming.put_nowait(b"answer")
    assert await line.ear.read(10) == b"answer"


@pytest.mark.usefixtures("uploading")
async def test_what_was_heard_comes_first_and_once() -> None:
    line = Line()
    for piece in (b"a", b"b"):
        await line.ear.write(piece)
    for piece in (b"early", b"late"):
        line.coming.put_nowait(piece)
    assert [await line.ear.read(10), await line.ear.read(10)] == [b"early", b"late"]
    assert line.written == [b"a", b"b"]


@pytest.mark.usefixtures("uploading")
async def test_what_went_wrong_is_the_transports_to_say() -> None:
    line = Line()
    await line.ear.write(b"a")
    line.coming.put_nowait(OSError("cut"))
    with pytest.raises(OSError, match="cut"):
        await line.ear.read(10)
    await line.ear.write(b"a")
    with pytest.raises(ConnectionError, match="silence"):
        await line.ear.read(10, 0.0)
