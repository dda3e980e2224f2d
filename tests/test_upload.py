"""The way of a body to the connection: the next piece is read while one leaves, and nothing is left open."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import pytest

from tui.api.upload import Upload
from tui.errors import StoreError, Unreachable


class Pieces:
    """Three pieces; says which were asked for, waits before the last one where it is told to, may break."""

    length = 9

    def __init__(self, *, breaks_at: int = 9, waits: threading.Event | None = None) -> None:
        self.asked = [threading.Event() for _ in range(3)]
        self.closed = threading.Event()
        self._breaks_at = breaks_at
        self._waits = waits

    def chunks(self) -> Iterator[bytes]:
        try:
            for number in range(3):
                self.asked[number].set()
                if number == 2 and self._waits is not None:
                    self._waits.wait()
                if number == self._breaks_at:
                    raise OSError(5, "Input/output error")
                yield b"%03d" % number
        finally:
            self.closed.set()


async def test_the_next_piece_is_read_while_one_leaves() -> None:
    body = Pieces()
    upload = Upload(body)
    pieces: AsyncIterator[bytes] = aiter(upload)
    assert await anext(pieces) == b"000"
    await asyncio.to_thread(body.asked[1].wait)
    assert (upload.sent, body.asked[2].is_set()) == (0, False)
    assert [piece async for piece in pieces] == [b"001", b"002"]
    assert (upload.sent, body.closed.is_set()) == (9, True)


async def test_a_piece_that_was_read_in_vain_changes_nothing() -> None:
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    body = Pieces(breaks_at=1)
    upload = Upload(body)
    pieces = upload.__aiter__()
    await anext(pieces)
    await asyncio.to_thread(body.closed.wait)
    await asyncio.to_thread(bool)  # what the first thread found has come round, too
    await pieces.aclose()  # type: ignore[attr-defined]
    assert upload.broken is None
    assert not isinstance(upload.failed(Unreachable("Gone.", ""), ""), StoreError)
    assert complaints == []


async def test_trouble_with_the_body_is_told_when_its_turn_comes() -> None:
    upload = Upload(Pieces(breaks_at=1))
    pieces = aiter(upload)
    assert await anext(pieces) == b"000"
    with pytest.raises(OSError, match="Input/output"):
        await anext(pieces)
    assert isinstance(upload.failed(OSError(), ""), StoreError)


async def test_being_cancelled_while_a_piece_is_read() -> None:
    gate = threading.Event()
    body = Pieces(waits=gate)
    upload = Upload(body)

    async def send() -> None:
        async for _ in upload:
            pass

    sending = asyncio.create_task(send())
    await asyncio.to_thread(body.asked[2].wait)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    gate.set()
    await asyncio.to_thread(body.closed.wait)
    assert upload.sent < upload.length


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        (1, "0 B of 9 B had been sent, so most likely no batch exists."),
        (2, "3 B of 9 B had been sent, so most likely no batch exists."),
        (3, "Whether a batch was created is unknown."),
    ],
)
async def test_only_what_was_not_even_handed_over_tells_that_there_is_no_batch(
    pieces: int, said: str
) -> None:
    """Of a piece that was on its way all may have arrived, the last one, too."""
    upload = Upload(Pieces())
    handed = aiter(upload)
    for _ in range(pieces):
        await anext(handed)
    assert upload.failed(Unreachable("Cut.", ""), "").title.endswith(said)


async def test_a_share_that_reads_as_all_of_it_says_what_lacks() -> None:
    class Long(Pieces):
        length = 23_300_000

        def chunks(self) -> Iterator[bytes]:
            yield b"x" * (self.length - 20)
            yield b"x" * 10
            yield b"x" * 10

    upload = Upload(Long())
    handed = aiter(upload)
    await anext(handed)
    await anext(handed)
    title = upload.failed(Unreachable("Cut.", ""), "").title
    assert "All but 20 B of 23.3 MB had been sent, so most likely" in title
