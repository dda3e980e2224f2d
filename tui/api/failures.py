"""The SDK's and the transport's exceptions → errors for people, each with a hint what to do.

What an exception says is used only where its origin is known: the transport's own messages may quote a
header, and with it the key.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator
from typing import Any

from ..config import without_secrets
from ..errors import (
    DeckError,
    NoCredential,
    NotFound,
    Refused,
    ServiceDown,
    ServiceError,
    SlowedDown,
    Unauthorized,
    Unreachable,
    UsageError,
)
from ..text import clean
from .connection import DEFAULT_BASE_URL

CREDENTIAL_HINT = (
    "Set ANTHROPIC_API_KEY (or ANTHROPIC_AUTH_TOKEN), name a profile with ANTHROPIC_PROFILE or --profile, "
    "or set the identity federation variables (ANTHROPIC_IDENTITY_TOKEN or …_FILE, "
    "ANTHROPIC_FEDERATION_RULE_ID, ANTHROPIC_ORGANIZATION_ID). "
    "To look around without one: batchdeck --demo."
)
SPEND_CODES = frozenset(
    {
        "enforced_spend_limit_reached",
        "contract_spend_limit_reached",
        "linked_organization_spend_limit_reached",
    }
)
SPEND_HINT = "A spending limit is reached; raise it in the Console or wait until it resets."
PROXIES = frozenset({"http_proxy", "https_proxy", "all_proxy"})
LONGEST = 400
"""Characters of a foreign message that a sentence of ours quotes."""


def no_credential() -> NoCredential:
    """The SDK found nothing to identify us with."""
    return NoCredential("There is no API key or profile yet.", CREDENTIAL_HINT)


def not_understood(response: Any, base_url: str) -> ServiceDown:
    """A success whose body is not what the API sends: a sign-in page, a broken gateway, a cut."""
    return ServiceDown(
        "The answer was not the API's.",
        f"{clean(base_url)} may be a proxy or sign-in page; check ANTHROPIC_BASE_URL and the network.",
        request_id=quote(response.headers.get("request-id", "")),
    )


def translate(error: BaseException, base_url: str) -> DeckError:
    """Whatever a request ended with, as one of our errors."""
    if isinstance(error, DeckError):
        return error
    if getattr(error, "response", None) is not None and isinstance(getattr(error, "status_code", None), int):
        return from_status(error, base_url)
    return _credential_problem(error) or _no_answer(error, base_url)


def chain(error: BaseException) -> Iterator[BaseException]:
    """An error and what caused it, outermost first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _named(error: BaseException, *names: str) -> bool:
    """Whether an exception is of a class of that name: the transport's classes are loaded late."""
    return any(base.__name__ in names for base in type(error).__mro__)


def _credential_problem(error: BaseException) -> DeckError | None:
    """Failures on our side of the wire: no credential, or one that cannot be read or sent."""
    if isinstance(error, TypeError) and "authentication method" in str(error):
        return no_credential()
    for cause in chain(error):
        unsendable = _named(cause, "LocalProtocolError") and "header" in str(cause)
        if unsendable or isinstance(cause, UnicodeEncodeError):
            return UsageError(
                "The credential cannot be sent.",
                "It holds a line break or another character that no key has; set it anew.",
            )
        if _named(cause, "CredentialsError", "WorkloadIdentityError"):
            return Unauthorized("The credential cannot be used.", quote(str(cause)))
    return None


def _no_answer(error: BaseException, base_url: str) -> DeckError:
    """No whole answer came: say which kind of no."""
    where = clean(base_url)
    for cause in chain(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Unreachable(
                f"The certificate of {where} is not trusted.",
                "Behind a company proxy, set SSL_CERT_FILE to its certificate.",
            )
        if isinstance(cause, socket.gaierror):
            return Unreachable(f"The name in {where} cannot be found.", "Is this machine online?")
        if _named(cause, "ProxyError"):
            return Unreachable("The proxy refused the connection.", "Check HTTPS_PROXY and NO_PROXY.")
        if _named(cause, "UnsupportedProtocol", "InvalidURL"):
            return UsageError(
                f"{where or 'An empty address'} is no address of a service.", "Check ANTHROPIC_BASE_URL."
            )
    if any(_named(cause, "ConnectError", "ConnectTimeout") for cause in chain(error)):
        proxy = next((name for name in os.environ if name.lower() in PROXIES and os.environ[name]), "")
        hint = f" A proxy is set in {proxy}; is it there?" if proxy else ""
        return Unreachable(f"{where} cannot be reached.", f"Is this machine online?{hint}")
    if any(_named(cause, "TimeoutException", "TimeoutError") for cause in chain(error)):
        return Unreachable(f"{where} took too long to answer.")
    if any(_named(cause, "DecodingError", "JSONDecodeError") for cause in chain(error)):
        return ServiceDown("The answer was garbled on its way.")
    if any(_named(cause, "TransportError", "OSError") for cause in chain(error)):
        return Unreachable(f"The connection to {where} was cut.")
    return ServiceDown(f"The request failed in an unforeseen way ({type(error).__name__}).")


def from_status(error: BaseException, base_url: str) -> DeckError:
    """An answer with an error status, in the service's own words where it has any."""
    status: int = error.status_code  # type: ignore[attr-defined]
    headers: Any = error.response.headers  # type: ignore[attr-defined]
    request_id = quote(headers.get("request-id") or str(_body(error, "request_id") or ""))
    said = message(error)
    if status in (401, 403):
        hint = (
            "Check the key or profile." if status == 401 else "The credential is known but may not do this."
        )
        if base_url != DEFAULT_BASE_URL and "x-api-key" in said.lower():
            hint += " For a gateway that reads only x-api-key: ANTHROPIC_CUSTOM_HEADERS='x-api-key: …'."
        return Unauthorized(said or "The credential is not accepted.", hint, request_id=request_id)
    if status == 404:
        hint = "It may be gone, not yet there, or belong to another workspace."
        if base_url != DEFAULT_BASE_URL:
            hint += f" Is {clean(base_url)} the right base URL?"
        return NotFound(said or "The service does not know it.", hint, request_id=request_id)
    if status == 429:
        return _slowed_down(error, said, request_id)
    if status in (405, 501):
        return Refused(said or "The service does not offer this.", request_id=request_id, status=status)
    if status == 408:
        return Unreachable(said or f"{clean(base_url)} took too long to answer.", request_id=request_id)
    if status >= 500:
        title = "The service is overloaded." if status == 529 else f"The service has trouble (HTTP {status})."
        return ServiceDown(title, said and f"It said: {said}", request_id=request_id)
    return _refused(error, status, said, request_id)


def _refused(error: BaseException, status: int, said: str, request_id: str) -> ServiceError:
    """A no with a reason; redirects count as one, because following them would carry the credential along."""
    hint = ""
    if 300 <= status < 400:
        target = quote(str(error.response.headers.get("location") or ""))  # type: ignore[attr-defined]
        said = f"The service points elsewhere{f': {target}' if target else ''}."
        hint = "Redirects are not followed; if you trust it, make it your ANTHROPIC_BASE_URL."
    elif code(error) in SPEND_CODES or "usage limits" in said.lower():
        hint = SPEND_HINT
    elif status == 402:
        hint = "Check billing in the Console."
    elif status == 413:
        said, hint = said or "The request is too large.", "A batch may be 256 MB at most."
    return Refused(
        said or f"The service refused (HTTP {status}).", hint, request_id=request_id, status=status
    )


def _slowed_down(error: BaseException, said: str, request_id: str) -> SlowedDown:
    wait = retry_after(error.response.headers)  # type: ignore[attr-defined]
    passes = code(error) not in SPEND_CODES
    if not passes:
        hint, wait = SPEND_HINT, None
    elif wait is not None:
        hint = f"It asks to wait {wait:.0f} s."
    else:
        hint = "Too many requests, or a limit is reached; it usually passes within a minute."
    return SlowedDown(
        said or "The service asks for patience.",
        hint,
        request_id=request_id,
        retry_after=wait,
        passes=passes,
    )


def retry_after(headers: Any) -> float | None:
    """Seconds the service wishes us to wait; `retry-after-ms` is the finer one (SDK source)."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name)) * unit
        except (TypeError, ValueError):
            continue
        if 0 <= seconds < float("inf"):
            return seconds
    return None


def message(error: BaseException) -> str:
    """The service's own words, made fit for one line; "" where the body is no error as the API writes it."""
    inner = _body(error, "error")
    said = inner.get("message") if isinstance(inner, dict) else inner if isinstance(inner, str) else None
    if not isinstance(said, str):
        return ""
    tidy = quote(said)
    return tidy if not tidy or tidy[-1] in ".!?…" else tidy + "."


def code(error: BaseException) -> str:
    """`error.details.error_code`, or ""."""
    found = getattr(error, "error_code", None)
    return found if isinstance(found, str) else ""


def quote(foreign: str) -> str:
    """Foreign text as part of our sentence: harmless, of bounded length, and without the key it may echo."""
    tidy = clean(without_secrets(foreign)[: 2 * LONGEST]).strip()
    return tidy if len(tidy) <= LONGEST else tidy[: LONGEST - 1] + "…"


def _body(error: BaseException, name: str) -> Any:
    body = getattr(error, "body", None)
    return body.get(name) if isinstance(body, dict) else None
