"""A service that throws the requests of a create away and says that it made a batch."""

from __future__ import annotations

import asyncio
import json
import re

from tui.simulator.models import MODELS
from tui.simulator.moments import utc_now, written

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
TIMES = dict.fromkeys(("created_at", "expires_at"), written(utc_now()))
LISTED = {"data": [model.view() for model in MODELS], "has_more": False}


class Sink(asyncio.BufferedProtocol):
    """Counts the bytes of a body; reads into the same buffer over and over."""

    def __init__(self) -> None:
        self._buffer = bytearray(1 << 20)
        self._head = b""
        self._left = 0
        self._transport: asyncio.WriteTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client came."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def get_buffer(self, sizehint: int) -> bytearray:
        """The same each time."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Find the head's end, then only count."""
        if self._left:
            self._left -= nbytes
        else:
            self._head += self._buffer[:nbytes]
            head, found, rest = self._head.partition(b"\r\n\r\n")
            length = LENGTH.search(head)
            if not found:
                return
            if length is None:  # a question, such as for the models
                self._head = rest
                self._answer(LISTED)
                return
            self._head, self._left = b"", int(length[1]) - len(rest)
        if self._left <= 0:
            self._left = 0
            self._answer({"id": "msgbatch_1", "processing_status": "in_progress", **TIMES})

    def _answer(self, value: object) -> None:
        body = json.dumps(value).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)


async def main() -> None:
    """Serve until terminated."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(json.dumps({"url": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
