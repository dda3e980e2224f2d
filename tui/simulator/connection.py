"""One HTTP/1.1 connection of the local server: h11 on one side, an ASGI application on the other."""

import asyncio
import contextlib
import logging
from typing import Any

import h11

from .asgi import Application, Hangup, Message, Scope

CHUNK = 1 << 18
"""How much is read from the socket at once."""

MOST_DISCARDED = 1 << 30
"""How much of an unread request body is thrown away before the line is simply cut."""

log = logging.getLogger(__name__)


class Connection:
    """Serves requests one after the other until either side is done."""

    def __init__(self, app: Application, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.app = app
        self.reader = reader
        self.writer = writer
        self.h11 = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)

    async def serve(self) -> None:
        """Answer requests until the connection closes; never raises for a client's doings."""
        try:
            while await self._one_request():
                self.h11.start_next_cycle()
        except Hangup as hangup:
            if not hangup.flush:
                self.writer.transport.abort()
        except (OSError, EOFError, h11.ProtocolError):
            pass  # the client went away or spoke nonsense; both end here
        finally:
            await self._close()

    async def _close(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()

    async def _one_request(self) -> bool:
        try:
            request = await self._event()
        except h11.RemoteProtocolError as error:
            await self._refuse(error.error_status_hint)
            return False
        if not isinstance(request, h11.Request):
            return False
        exchange = Exchange(self, request)
        await exchange.run()
        await self._discard_rest()
        return self.h11.our_state is h11.DONE and self.h11.their_state is h11.DONE

    async def _event(self) -> Any:
        while True:
            event = self.h11.next_event()
            if event is not h11.NEED_DATA:
                return event
            if self.h11.they_are_waiting_for_100_continue:
                await self.write(h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue"))
            self.h11.receive_data(await self.reader.read(CHUNK))

    async def _refuse(self, status: int) -> None:
        headers = [(b"content-length", b"0"), (b"connection", b"close")]
        with contextlib.suppress(h11.ProtocolError):
            await self.write(h11.Response(status_code=status, headers=headers))
            await self.write(h11.EndOfMessage())

    async def _discard_rest(self) -> None:
        # Closing on a client that is still sending would reset the line and lose it our answer.
        seen = 0
        while self.h11.their_state is h11.SEND_BODY and seen < MOST_DISCARDED:
            event = await self._event()
            if isinstance(event, h11.Data):
                seen += len(event.data)
            elif not isinstance(event, h11.EndOfMessage):
                return

    async def write(self, event: h11.Event) -> None:
        """Send one h11 event and wait until the socket has room again."""
        for piece in self.h11.send_with_data_passthrough(event) or ():
            self.writer.write(piece)
        await self.writer.drain()

    async def closed(self) -> None:
        """Wait until the client has closed its side, keeping what it pipelines meanwhile."""
        while data := await self.reader.read(CHUNK):
            self.h11.receive_data(data)


class Exchange:
    """One request and its response, as the `receive` and `send` of ASGI."""

    def __init__(self, connection: Connection, request: h11.Request) -> None:
        self.connection = connection
        self.request = request
        self.body_read = False
        self.start: Message | None = None
        self.started = False
        self.ended = False

    async def run(self) -> None:
        """Call the application; an error in it becomes a 500, or a cut line once bytes went out."""
        try:
            await self.connection.app(self._scope(), self.receive, self.send)
        except (Hangup, OSError, h11.ProtocolError):
            raise
        except Exception:
            log.exception("error in the served application")
            if self.started:
                raise Hangup(flush=True) from None
            await self.connection._refuse(500)
            raise Hangup(flush=True) from None
        if not self.ended:
            raise Hangup(flush=True)

    def _scope(self) -> Scope:
        path, _, query = self.request.target.partition(b"?")
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": self.request.http_version.decode(),
            "method": self.request.method.decode().upper(),
            "scheme": "http",
            "path": path.decode("latin-1"),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": [(bytes(name), bytes(value)) for name, value in self.request.headers],
        }

    async def receive(self) -> Message:
        """Give the next part of the request body, then wait for the client to leave."""
        if self.body_read:
            if not self.ended:
                await self.connection.closed()
            return {"type": "http.disconnect"}
        event = await self.connection._event()
        if isinstance(event, h11.Data):
            return {"type": "http.request", "body": bytes(event.data), "more_body": True}
        self.body_read = True
        if isinstance(event, h11.EndOfMessage):
            return {"type": "http.request", "body": b"", "more_body": False}
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Pass one part of the response on; the head waits for the first part of the body."""
        if message["type"] == "http.response.start":
            self.start = message
            return
        if not self.started:
            await self._send_head()
        if message.get("body") and self.request.method != b"HEAD":
            await self.connection.write(h11.Data(data=message["body"]))
        if not message.get("more_body"):
            await self.connection.write(h11.EndOfMessage())
            self.ended = True

    async def _send_head(self) -> None:
        assert self.start is not None, "a body without a head"
        self.started = True
        headers = [(bytes(name), bytes(value)) for name, value in self.start["headers"]]
        await self.connection.write(h11.Response(status_code=self.start["status"], headers=headers))
