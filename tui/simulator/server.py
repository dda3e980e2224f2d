"""A minimal HTTP/1.1 server for one ASGI application on this machine, over TCP or a Unix socket."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from .asgi import Application
from .connection import CHUNK, Connection


@dataclass(frozen=True, slots=True)
class Address:
    """Where a running server listens; give `url` to a client, and `uds` to its transport if set."""

    url: str
    uds: Path | None = None


@asynccontextmanager
async def serve(
    app: Application, *, uds: Path | None = None, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[Address]:
    """Serve `app` while the context is open; leaving it cuts whatever is still connected."""
    running: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(Connection(app, reader, writer).serve())
        running.add(task)
        task.add_done_callback(running.discard)

    server = await _listen(connected, uds, host, port)
    try:
        yield _address(server, uds, host)
    finally:
        server.close()
        await _stop(running)
        await server.wait_closed()
        if uds is not None:
            await asyncio.to_thread(uds.unlink, missing_ok=True)


async def _listen(connected: object, uds: Path | None, host: str, port: int) -> asyncio.Server:
    if uds is None:
        return await asyncio.start_server(connected, host, port, limit=CHUNK)  # type: ignore[arg-type]
    server = await asyncio.start_unix_server(connected, uds, limit=CHUNK)  # type: ignore[arg-type]
    await asyncio.to_thread(uds.chmod, 0o600)
    return server


def _address(server: asyncio.Server, uds: Path | None, host: str) -> Address:
    if uds is not None:
        return Address("http://simulator", uds)
    return Address(f"http://{host}:{server.sockets[0].getsockname()[1]}")


async def _stop(running: set[asyncio.Task[None]]) -> None:
    tasks = list(running)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class ServerThread:
    """The same server in a daemon thread with an event loop of its own, for the demo and for sync code."""

    def __init__(
        self, app: Application, *, uds: Path | None = None, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self._context = serve(app, uds=uds, host=host, port=port)
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._done: asyncio.Event | None = None
        self._error: BaseException | None = None
        self._address: Address | None = None
        self._thread = threading.Thread(target=self._run, name="simulator", daemon=True)

    @property
    def address(self) -> Address:
        """Where it listens; only known between `start` and `stop`."""
        if self._address is None:
            raise RuntimeError("the server has not been started")
        return self._address

    @property
    def url(self) -> str:
        """The base URL for a client."""
        return self.address.url

    @property
    def uds(self) -> Path | None:
        """The Unix socket, when it listens on one."""
        return self.address.uds

    def start(self) -> Self:
        """Start the thread and wait until the socket listens; raises what kept it from doing so."""
        self._thread.start()
        self._ready.wait()
        if self._error is not None:
            raise self._error
        return self

    def stop(self) -> None:
        """Close the socket and every connection, and wait for the thread."""
        if self._loop is not None and self._done is not None:
            with contextlib.suppress(RuntimeError):  # the loop may be gone already
                self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:
            self._error = error
        finally:
            self._ready.set()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._done = asyncio.Event()
        async with self._context as self._address:
            self._ready.set()
            await self._done.wait()
