"""Scripted faults: what shall go wrong, for which request, how often."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from threading import Lock

from .asgi import Hangup, Reply
from .errors import ApiError, too_large
from .gate import Gate

CLOUDY = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n"
    b"<body><center><h1>502 Bad Gateway</h1></center></body>\r\n</html>\r\n"
)
"""A page such as a network's edge shows when it cannot reach what lies behind it."""

REFUSALS = {
    "rate_limit": (ApiError(429, "Too many requests this minute."), {"retry-after": "2"}),
    "rate_limit_bare": (ApiError(429, "Too many batch requests are waiting in the processing queue."), {}),
    "spend_limit": (
        ApiError(429, "This request would exceed the monthly limit.", code="enforced_spend_limit_reached"),
        {},
    ),
    "usage_limit": (ApiError(400, "You have reached your specified API usage limits until next month."), {}),
    "authentication": (ApiError(401, "invalid bearer token"), {}),
    "billing": (ApiError(402, "The payment method of this organization was declined."), {}),
    "permission": (ApiError(403, "This key may not use batches."), {}),
    "not_found": (ApiError(404, "Message batch not found."), {}),
    "method_not_allowed": (ApiError(405, "Method Not Allowed"), {}),
    "conflict": (ApiError(409, "Another change of this batch is under way."), {}),
    "api_error": (ApiError(500, "Internal server error"), {}),
    "not_implemented": (ApiError(501, "This gateway does not offer that."), {}),
    "overloaded": (ApiError(529, "Overloaded"), {}),
}
"""Kinds that answer with the service's own error body."""

KINDS = frozenset(
    {*REFUSALS, "too_large", "html", "status", "drop", "cut", "malformed_json", "delay", "line"}
)
"""Every kind of fault."""

LINES = frozenset(
    {
        "malformed",
        "duplicate",
        "missing",
        "blank",
        "unknown_type",
        "unknown_error",
        "no_custom_id",
        "stranger",
    }
)
"""What a fault of kind `line` can do to one line of results."""


@dataclass
class Fault:
    """One fault; `reached` is set when a request runs into it, `hits` counts how often."""

    match: str
    kind: str
    times: int | None = 1
    skip: int = 0
    after_effect: bool = False
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut_after: int = 0
    gate: Gate | asyncio.Event | None = None
    line: str = "malformed"
    hits: int = 0
    reached: Gate = field(default_factory=Gate)

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.line not in LINES:
            raise ValueError(f"no such fault: {self.kind}, {self.line}")
        pattern = ".*" if self.match == "*" else re.escape(self.match).replace(r"\*", "[^/]+")
        self._pattern = re.compile(pattern)

    def takes(self, method: str, path: str) -> bool:
        """Tell whether this request runs into the fault, and count it if so."""
        if self.times == 0 or not self._pattern.fullmatch(f"{method} {path}"):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        self.hits += 1
        self.reached.set()
        return True

    async def strike(self, request_id: str) -> Reply | None:
        """Do what can be done without the real answer: wait, hang up, or answer otherwise."""
        if self.gate is not None:
            await self.gate.wait()
        if self.kind == "drop":
            raise Hangup
        if self.kind in REFUSALS:
            error, headers = REFUSALS[self.kind]
            reply = error.reply(request_id)
            reply.headers.update({**headers, **self.headers})
            return reply
        if self.kind == "too_large":
            return too_large()
        if self.kind == "html":
            return Reply(502, {"content-type": "text/html", "server": "cloudflare"}, CLOUDY)
        if self.kind == "status":
            return Reply(self.status, {"content-type": "application/json", **self.headers}, self.body)
        return None

    def spoil(self, reply: Reply) -> Reply:
        """Damage a real answer: cut it short, or make its JSON unreadable."""
        if self.kind == "malformed_json" and isinstance(reply.body, bytes):
            reply.body = reply.body[: len(reply.body) // 2] + b"<"
        if self.kind == "cut":
            if isinstance(reply.body, bytes):
                reply.headers["content-length"] = str(len(reply.body))
            reply.body = _cut(reply.body, self.cut_after)
        return reply


async def _cut(body: bytes | AsyncIterator[bytes], length: int) -> AsyncIterator[bytes]:
    if isinstance(body, bytes):
        yield body[:length]
        raise Hangup(flush=True)
    async for chunk in body:
        yield chunk[:length]
        length -= len(chunk)
        if length <= 0:
            break
    raise Hangup(flush=True)


class Faults:
    """The faults of one simulator; each request runs into the first that takes it."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = Lock()

    def add(
        self,
        match: str,
        kind: str,
        *,
        times: int | None = 1,
        skip: int = 0,
        after_effect: bool = False,
        status: int = 500,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        cut_after: int = 0,
        gate: Gate | asyncio.Event | None = None,
        line: str = "malformed",
    ) -> Fault:
        """Script a fault for requests such as `POST /v1/messages/batches/*/cancel`, or `*` for any.

        A star stands for one part of the path. `times` is how many requests it hits (None: all), after
        `skip` were let through; with `after_effect` the request first does what it asks for.
        """
        fault = Fault(
            match, kind, times, skip, after_effect, status, headers or {}, body, cut_after, gate, line
        )
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Forget every fault."""
        with self._lock:
            self._faults.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """Find the fault that this request runs into, and count it."""
        with self._lock:
            return next((fault for fault in self._faults if fault.takes(method, path)), None)
