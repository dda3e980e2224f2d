"""The six endpoints of Message Batches and two of their neighbours as coroutines, in our own words."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from .. import __version__
from ..errors import DeckError, Refused, Unauthorized
from ..model import Batch, Page
from . import connection as connections
from . import convert, early, neighbours
from .connection import Connection
from .failures import not_understood, translate
from .sdk import Clients, make_clients
from .stream import ResultStream
from .upload import Body, Upload, unclear_answer

if TYPE_CHECKING:
    from ..model import ModelInfo

T = TypeVar("T")

PATH = "/v1/messages/batches"
PATIENCE = 90.0
"""Seconds for a small question and its whole answer: a server that only drips must not stop the polling."""
RESULTS_SILENCE = 120.0
"""Seconds without a byte after which a results stream counts as cut."""
CREATE_SILENCE = 600.0
"""Seconds the service may think about an uploaded batch (the SDK's own default)."""


class Api:
    """The service. Every failure is one of `tui.errors`; nothing is repeated, paced or remembered here."""

    def __init__(self, connection: Connection, *, user_agent: str = f"batchdeck/{__version__}") -> None:
        self.connection = connection
        self.base_url = connections.base_url(connection)
        self._user_agent = user_agent
        self._clients: Clients | None = None
        self._loading = asyncio.Lock()

    def fingerprint(self, salt: bytes) -> str:
        """A keyed hash of what selects the credential: tells accounts apart without knowing any secret."""
        return connections.fingerprint(self.connection, salt)

    @property
    def loaded(self) -> bool:
        """Whether the SDK is there and has a credential."""
        return self._clients is not None

    async def load(self) -> None:
        """Import the SDK and make the clients, in a thread; raises NoCredential or UsageError. Idempotent."""
        async with self._loading:
            if self._clients is None:
                self._clients = await asyncio.to_thread(make_clients, self.connection, self._user_agent)

    async def close(self) -> None:
        """Close the connections; the object can be loaded again."""
        clients, self._clients = self._clients, None
        if clients is not None:
            await clients.asynchronous.close()
            await asyncio.to_thread(clients.synchronous.close)

    async def list(self, *, after: str | None = None, limit: int = 1000) -> Page:
        """One page of the account's batches, newest first; `after` is the page before's `last_id`."""
        params = {"limit": limit, **({"after_id": after} if after else {})}
        response = await self._ask("get", PATH, params=params)
        return self._read(
            response,
            lambda value: convert.page(
                value,
                organization=response.headers.get("anthropic-organization-id", ""),
                workspace=response.headers.get("anthropic-workspace-id", ""),
            ),
        )

    async def retrieve(self, batch_id: str) -> Batch:
        """One batch as it stands; a single NotFound is no proof that it is gone (seen with the service)."""
        return self._read(await self._ask("get", _path(batch_id)), convert.batch)

    async def cancel(self, batch_id: str) -> Batch:
        """Ask for the batch to be cancelled; the answer is the batch, usually `canceling`."""
        return self._read(await self._ask("post", _path(batch_id, "/cancel")), convert.batch)

    async def delete(self, batch_id: str) -> None:
        """Delete an ended batch with its results."""
        await self._ask("delete", _path(batch_id))

    async def count_tokens(self, params: Mapping[str, Any], betas: Collection[str] = ()) -> int:
        """Input tokens of one request, an estimate that costs nothing; the params of a Messages request."""
        headers = neighbours.beta_header(betas)
        body = await asyncio.to_thread(neighbours.countable, params)
        return self._read(
            await self._ask("post", neighbours.COUNT, content=body, headers=headers), neighbours.tokens
        )

    async def models(self) -> tuple[ModelInfo, ...]:
        """Every model that the service lists, newest first; the retired ones, too, where it knows of them."""
        try:
            return await self._models(lifecycle=list(neighbours.LIFECYCLES))
        except Refused:  # a gateway may not know how to filter
            return await self._models()

    async def create(self, body: Body, betas: Collection[str] = ()) -> Batch:
        """Send requests, exactly once; raises Uncertain whenever a batch may have come of it all the same."""
        headers = neighbours.beta_header(betas)
        clients = await self._ready()
        upload = Upload(body)
        options: Any = {
            "headers": {"Content-Length": str(upload.length), **headers},
            "timeout": clients.httpx.Timeout(CREATE_SILENCE, connect=10.0),
            "follow_redirects": False,
            "max_retries": 0,
        }
        failure: DeckError
        listening = early.uploading.set(True)
        try:
            response = await clients.asynchronous.post(
                PATH, cast_to=clients.httpx.Response, content=aiter(upload), options=options
            )
        except Exception as error:
            failure = upload.failed(error, self.base_url)
        else:
            with suppress(ValueError, RecursionError):
                return convert.batch(response.json())
            failure = unclear_answer(response)
        finally:
            early.uploading.reset(listening)
        raise failure

    def results(self, batch_id: str) -> ResultStream:
        """The results' bytes, for a `with` in a worker thread; `load()` must have been awaited.

        The path is ours, never the batch's `results_url`: that may name any host, and the credential would
        go there.
        """
        clients = self._clients
        if clients is None:
            raise RuntimeError("results() before load()")
        return ResultStream(lambda: _open_results(clients, _path(batch_id, "/results")), self.base_url)

    async def _ready(self) -> Clients:
        await self.load()
        if self._clients is None:
            raise RuntimeError("closed while loading")
        return self._clients

    async def _models(self, **filters: Any) -> tuple[ModelInfo, ...]:
        async def ask(after: str | None) -> neighbours.ModelPage:
            params = {"limit": 1000, **filters, **({"after_id": after} if after else {})}
            response = await self._ask("get", neighbours.MODELS, params=params)
            return self._read(response, neighbours.model_page)

        return await neighbours.every_model(ask)

    async def _ask(self, method: str, path: str, *, content: bytes | None = None, **options: Any) -> Any:
        """One small question; the answer is the transport's response, its status a success."""
        clients = await self._ready()
        options |= {"follow_redirects": False, "max_retries": 0}
        send = getattr(clients.asynchronous, method)
        given = {} if content is None else {"content": content}

        async def ask() -> Any:
            return await send(path, cast_to=clients.httpx.Response, options=options, **given)

        try:
            return await self._within_patience(ask)
        except Unauthorized:
            if not clients.renews:
                raise
        # The SDK fetches a new token after a 401, but only if it may repeat the request (SDK source).
        # Nothing was done, so repeating is safe.
        options["max_retries"] = 1
        return await self._within_patience(ask)

    async def _within_patience(self, ask: Callable[[], Awaitable[T]]) -> T:
        failure: DeckError
        try:
            async with asyncio.timeout(PATIENCE):
                return await ask()
        except Exception as error:
            failure = translate(error, self.base_url)
        # Raised outside the handler, so that no traceback drags the request and its headers along.
        raise failure

    def _read(self, response: Any, understand: Callable[[object], T]) -> T:
        with suppress(ValueError, RecursionError):
            return understand(response.json())
        raise not_understood(response, self.base_url)


def _open_results(clients: Clients, path: str) -> Any:
    """Ask for a results stream, in the calling thread."""
    options: Any = {
        "headers": {"Accept": "application/binary"},
        "timeout": clients.httpx.Timeout(RESULTS_SILENCE, connect=10.0),
        "follow_redirects": False,
        "max_retries": 0,
    }
    stream_cls = sys.modules["anthropic"].Stream

    def ask() -> Any:
        return clients.synchronous.get(
            path,
            cast_to=clients.httpx.Response,
            options=options,
            stream=True,
            stream_cls=stream_cls,
        )

    try:
        return ask()
    except sys.modules["anthropic"].AuthenticationError:
        if not clients.renews:
            raise
    options["max_retries"] = 1
    return ask()


def _path(batch_id: str, rest: str = "") -> str:
    """The path of one batch; whatever the id holds, it stays one segment below the list's path."""
    segment = quote(batch_id, safe="")
    if not segment.strip("."):
        segment = segment.replace(".", "%2E")
    return f"{PATH}/{segment}{rest}"
