"""The few ASGI words the simulator speaks: its types, one request, one reply."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Hangup(Exception):
    """Raised by an application to end the connection at once, as a broken line would.

    With `flush` the bytes already handed over still arrive; without it they may be lost.
    """

    def __init__(self, flush: bool = False) -> None:
        super().__init__("the application hung up")
        self.flush = flush


@dataclass(slots=True)
class Request:
    """One request as the handlers want it: names in lower case, the body complete."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    scheme: str = "http"
    body: bytes = b""
    pairs: tuple[tuple[str, str], ...] = ()
    """The whole query: a name may stand there several times."""

    @classmethod
    def of(cls, scope: Scope) -> "Request":
        """Read a request, still without its body, from an ASGI scope."""
        pairs = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
        headers = {name.lower(): value for name, value in pairs}
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        scheme = scope.get("scheme", "http")
        return cls(scope["method"], scope["path"], dict(query), headers, scheme, pairs=tuple(query))

    @property
    def origin(self) -> str:
        """Scheme and host as the client addressed them."""
        return f"{self.scheme}://{self.headers.get('host', 'simulator')}"


@dataclass(slots=True)
class Reply:
    """One answer; the body is bytes (sent with their length) or a stream (sent chunked)."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | AsyncIterator[bytes] = b""

    @classmethod
    def json(cls, value: object, status: int = 200, headers: dict[str, str] | None = None) -> "Reply":
        """Make a reply of a value, written compactly and as UTF-8 like the service does."""
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        return cls(status, {"content-type": "application/json", **(headers or {})}, body)

    async def send(self, send: Send) -> int:
        """Send the reply and return the length of its body."""
        headers = dict(self.headers)
        if isinstance(self.body, bytes):
            headers.setdefault("content-length", str(len(self.body)))
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": raw})
        if isinstance(self.body, bytes):
            await send({"type": "http.response.body", "body": self.body})
            return len(self.body)
        length = 0
        async for chunk in self.body:
            length += len(chunk)
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        return length


async def lifespan(receive: Receive, send: Send) -> None:
    """Answer a server's start-up and shutdown messages; there is nothing to prepare."""
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
