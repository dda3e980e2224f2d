"""Loading the SDK, late and in a thread, and making its two clients; nowhere else is it imported."""

from __future__ import annotations

import gc
import importlib
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import DeckError, UsageError
from . import early
from .connection import CREDENTIAL_HEADERS, DEMO_BASE_URL, Connection, nothing_chosen
from .failures import no_credential, quote

if TYPE_CHECKING:
    import anthropic
    import httpx2

CONNECT_TIMEOUT = 10.0

opening: ContextVar[Any] = ContextVar("opening", default=None)
"""The result stream whose request this thread is about to send: it wants to know the socket."""


@dataclass(frozen=True, slots=True)
class Clients:
    """The SDK's clients: the async one for small answers, the sync one for results in a worker thread."""

    asynchronous: anthropic.AsyncAnthropic
    synchronous: anthropic.Anthropic
    httpx: Any
    """The transport's module."""

    @property
    def renews(self) -> bool:
        """Whether the credential is a token that the SDK can fetch anew."""
        return self.asynchronous.credentials is not None


def make_clients(connection: Connection, user_agent: str) -> Clients:
    """Import the SDK and make the clients; blocks for seconds the first time, so it belongs in a thread."""
    with _undisturbed():
        anthropic = _import_sdk()
        httpx2 = importlib.import_module("httpx2")
        failure: DeckError
        try:
            return _make(anthropic, httpx2, connection, user_agent)
        except DeckError as error:
            failure = error
        except anthropic.AnthropicError as error:
            # With ANTHROPIC_CONFIG_DIR set, the SDK takes a missing profile for a broken one.
            failure = UsageError("The profile or credential cannot be used.", quote(str(error)))
            if nothing_chosen(connection):
                failure = no_credential()
        except Exception as error:
            failure = _unusable(error)
    # Raised here, outside: no frame that knew the credential hangs on to it.
    raise failure


def _import_sdk() -> Any:
    first = "anthropic" not in sys.modules
    module = importlib.import_module("anthropic")
    if first:
        # Half a million objects that live as long as the program: each full collection that looks at
        # them would stop the event loop for 100 ms.
        gc.freeze()
    return module


def _unusable(error: Exception) -> UsageError:
    """What in the environment keeps the clients from being made.

    Errors about addresses and files are quoted; of others only the kind, for they could quote anything.
    """
    proxies = "Look at HTTP_PROXY, HTTPS_PROXY and ALL_PROXY."
    if isinstance(error, ImportError) and "SOCKS" in str(error):
        return UsageError(
            "A SOCKS proxy is set, which the Python package socksio is needed for.",
            f"Install it beside batchdeck. {proxies}",
        )
    if isinstance(error, ValueError) and "proxy" in str(error):
        return UsageError("What is set as a proxy is no address of one.", proxies)
    if isinstance(error, OSError):
        name = error.filename or os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR") or ""
        reason = f"{name}: {error.strerror or type(error).__name__}."
        return UsageError("A file that the connection needs cannot be read.", quote(reason))
    reason = quote(str(error)) if type(error).__name__ == "InvalidURL" else type(error).__name__
    return UsageError("The service's address or credential cannot be used.", reason)


def _make(anthropic: Any, httpx2: Any, connection: Connection, user_agent: str) -> Clients:
    arguments: dict[str, Any] = {
        "max_retries": 0,  # pace and repetition are ours
        "open_telemetry": {"traces": False, "propagation": False},
        "default_headers": {"User-Agent": user_agent},
    }
    if connection.workspace:
        arguments["default_headers"]["anthropic-workspace-id"] = connection.workspace
    if connection.base_url or connection.demo_key:
        arguments["base_url"] = connection.base_url or DEMO_BASE_URL
    if connection.demo_key:
        arguments["api_key"] = "demo"
    elif connection.profile:
        arguments["profile"] = connection.profile
    asynchronous = anthropic.AsyncAnthropic(
        **arguments, http_client=_async_transport(anthropic, httpx2, connection)
    )
    if asynchronous.credentials is None and not any(
        name.lower() in CREDENTIAL_HEADERS for name in asynchronous.default_headers
    ):
        raise no_credential()
    synchronous = anthropic.Anthropic(**arguments, http_client=_sync_transport(anthropic, httpx2, connection))
    return Clients(asynchronous, synchronous, httpx2)


def _async_transport(anthropic: Any, httpx2: Any, connection: Connection) -> Any:
    options = {
        "timeout": httpx2.Timeout(60.0, connect=CONNECT_TIMEOUT),
        "event_hooks": {"request": [_listen]},
    }
    if connection.uds is None:
        return anthropic.DefaultAsyncHttpxClient(**options)
    transport = httpx2.AsyncHTTPTransport(uds=str(connection.uds))
    return httpx2.AsyncClient(transport=transport, trust_env=False, **options)


def _sync_transport(anthropic: Any, httpx2: Any, connection: Connection) -> Any:
    """A client that keeps no idle connection: each stream has its own, which can be cut from outside."""
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
    options = {
        "timeout": httpx2.Timeout(60.0, connect=CONNECT_TIMEOUT),
        "event_hooks": {"request": [_tell_stream]},
    }
    if connection.uds is None:
        return anthropic.DefaultHttpxClient(limits=limits, **options)
    transport = httpx2.HTTPTransport(uds=str(connection.uds), limits=limits)
    return httpx2.Client(transport=transport, trust_env=False, **options)


async def _listen(request: httpx2.Request) -> None:
    request.extensions = {**request.extensions, "trace": early.trace}


def _tell_stream(request: httpx2.Request) -> None:
    stream = opening.get()
    if stream is not None:
        request.extensions = {**request.extensions, "trace": stream.trace}


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep the SDK from logging to the terminal, and from taking an empty base URL for an address.

    ANTHROPIC_LOG makes it write whole requests to stderr (SDK source), across a full-screen program.
    """
    hidden = {name: os.environ.pop(name) for name in ("ANTHROPIC_LOG",) if name in os.environ}
    if not os.environ.get("ANTHROPIC_BASE_URL", "x").strip():
        hidden["ANTHROPIC_BASE_URL"] = os.environ.pop("ANTHROPIC_BASE_URL")
    for name in ("anthropic", "httpx2", "httpcore2"):
        logger = logging.getLogger(name)
        logger.addHandler(logging.NullHandler())
        logger.setLevel(max(logger.level, logging.WARNING))
    try:
        yield
    finally:
        with suppress(ValueError):
            os.environ.update(hidden)
