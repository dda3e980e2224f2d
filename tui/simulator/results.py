"""The results of a batch as a response: whole or in part, plain or compressed, fast or dripping."""

import asyncio
import re
import zlib
from collections.abc import AsyncIterator, Iterator
from datetime import datetime

from .answers import chunks, damage
from .asgi import Reply, Request
from .batch import Batch
from .errors import ApiError
from .ids import digest
from .switches import Switches


def results(
    batch: Batch, now: datetime, request: Request, switches: Switches, spoiled: str | None = None
) -> Reply:
    """Answer `GET …/results`; 404 before the end and after archiving."""
    if not batch.has_ended(now) or now >= batch.archived_at:
        raise ApiError(404, f"Message Batch {batch.id} has no available results.")
    headers = {} if switches.results_type is None else {"content-type": switches.results_type}
    if switches.results_range and (start := _range_start(request)) is not None:
        return _part(batch, switches, headers, start, spoiled)
    pieces = _pieces(batch, switches, spoiled)
    if switches.results_gzip and "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        pieces = _compressed(pieces)
    if switches.results_length:
        headers["content-length"] = str(sum(map(len, _again(batch, switches, spoiled, headers))))
    return Reply(200, headers, _stream(pieces, switches.results_rate))


def _pieces(batch: Batch, switches: Switches, spoiled: str | None) -> Iterator[bytes]:
    newline = switches.results_final_newline
    if newline is None:
        newline = digest(batch.id, "final newline") % 3 > 0
    made = iter(batch.body) if batch.body is not None else chunks(batch.id, batch.shuffled(), newline)
    for piece in made:
        yield damage(piece, spoiled) if spoiled else piece
        spoiled = None


def _again(batch: Batch, switches: Switches, spoiled: str | None, headers: dict[str, str]) -> Iterator[bytes]:
    pieces = _pieces(batch, switches, spoiled)
    return _compressed(pieces) if "content-encoding" in headers else pieces


def _compressed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, wbits=31)
    for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()


def _range_start(request: Request) -> int | None:
    match = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
    return int(match[1]) if match else None


def _part(
    batch: Batch, switches: Switches, headers: dict[str, str], start: int, spoiled: str | None
) -> Reply:
    total = sum(map(len, _pieces(batch, switches, spoiled)))
    if start >= total:
        reply = ApiError(416, "The range begins beyond the end.", kind="invalid_request_error").reply(None)
        reply.headers["content-range"] = f"bytes */{total}"
        return reply
    headers["content-range"] = f"bytes {start}-{total - 1}/{total}"
    pieces = _without_first(_pieces(batch, switches, spoiled), start)
    return Reply(206, headers, _stream(pieces, switches.results_rate))


def _without_first(pieces: Iterator[bytes], length: int) -> Iterator[bytes]:
    for piece in pieces:
        if length < len(piece):
            yield piece[length:]
        length = max(length - len(piece), 0)


async def _stream(pieces: Iterator[bytes], rate: int | None) -> AsyncIterator[bytes]:
    for piece in pieces:
        if rate is None:
            yield piece
            await asyncio.sleep(0)  # other connections live too while a long file is made
            continue
        step = max(rate // 10, 1)
        for start in range(0, len(piece), step):
            yield piece[start : start + step]
            await asyncio.sleep(0.1)
