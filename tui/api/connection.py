"""Which service and which credential a run uses, known before the SDK is loaded; no key is ever kept."""

from __future__ import annotations

import hmac
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DEFAULT_BASE_URL = "https://api.anthropic.com"
DEMO_BASE_URL = "http://simulator"

CREDENTIAL_HEADERS = frozenset({"authorization", "x-api-key"})

_USER = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.-]*://)[^/?#]*@")
_KEYS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")
_FEDERATION = (
    "ANTHROPIC_FEDERATION_RULE_ID",
    "ANTHROPIC_ORGANIZATION_ID",
    "ANTHROPIC_SERVICE_ACCOUNT_ID",
    "ANTHROPIC_WORKSPACE_ID",
)
_TOKENS = ("ANTHROPIC_IDENTITY_TOKEN", "ANTHROPIC_IDENTITY_TOKEN_FILE")


@dataclass(frozen=True, slots=True)
class Connection:
    """What the command line says about the service; what is None is left to the SDK and its environment."""

    profile: str | None = None
    workspace: str | None = None
    uds: Path | None = None
    """Unix socket of a local server, instead of a TCP connection."""
    base_url: str | None = None
    demo_key: bool = False
    """Speak to the demo's own server with a made-up key, whatever the environment holds."""


def base_url(connection: Connection) -> str:
    """Where requests will go, by the SDK's own precedence: argument, environment, profile, default.

    For people and for the store: a user name and password in it are left out.
    """
    if connection.base_url:
        return _without_user(connection.base_url)
    if connection.demo_key:
        return DEMO_BASE_URL
    found = os.environ.get("ANTHROPIC_BASE_URL", "").strip() or _profile_base_url(connection)
    return _without_user(found or DEFAULT_BASE_URL)


def _without_user(url: str) -> str:
    return _USER.sub(r"\1", url.strip()).rstrip("/")


def fingerprint(connection: Connection, salt: bytes) -> str:
    """A keyed hash of what selects the credential; without the salt it says nothing."""
    digest = hmac.new(salt, digestmod="sha256")
    for part in _selectors(connection):
        digest.update(len(part).to_bytes(4, "big") + part)
    return digest.hexdigest()


def nothing_chosen(connection: Connection) -> bool:
    """Whether the user has set up no credential at all, as against one that is broken."""
    named = connection.profile or os.environ.get("ANTHROPIC_PROFILE") or any(map(os.environ.get, _KEYS))
    folder = _config_dir()
    files = (folder / "active_config", folder / "configs" / "default.json")
    return not named and not _federated() and not any(path.exists() for path in files)


def _selectors(connection: Connection) -> Iterator[bytes]:
    yield base_url(connection).encode("utf-8", "surrogateescape")
    yield (connection.workspace or "").encode("utf-8", "surrogateescape")
    yield from _credential(connection)
    yield _credential_headers()


def _credential(connection: Connection) -> Iterator[bytes]:
    """What tells this credential from another, in the SDK's order (SDK source: first match wins)."""
    if connection.demo_key:
        yield b"demo"
    elif not connection.profile and (name := next((name for name in _KEYS if os.environ.get(name)), None)):
        yield name.encode()
        yield _variable(name)
    elif connection.profile or os.environ.get("ANTHROPIC_PROFILE"):
        yield from _profile_identity(connection)
    elif _federated():
        # The token itself is left out: it is replaced every few minutes.
        yield b"federation"
        yield from (_variable(name) for name in _FEDERATION)
    else:
        yield from _profile_identity(connection)


def _profile_identity(connection: Connection) -> Iterator[bytes]:
    yield b"profile"
    yield str(_config_dir()).encode("utf-8", "surrogateescape")
    yield _profile_name(connection).encode("utf-8", "surrogateescape")


def _credential_headers() -> bytes:
    """A gateway's credential may travel in a header of the user's own; other headers select nothing."""
    return "\n".join(
        line
        for line in os.environ.get("ANTHROPIC_CUSTOM_HEADERS", "").split("\n")
        if line.partition(":")[0].strip().lower() in CREDENTIAL_HEADERS
    ).encode("utf-8", "surrogateescape")


def _federated() -> bool:
    return all(os.environ.get(name) for name in _FEDERATION[:2]) and any(os.environ.get(n) for n in _TOKENS)


def _variable(name: str) -> bytes:
    return os.environ.get(name, "").encode("utf-8", "surrogateescape")


def _config_dir() -> Path:
    if given := os.environ.get("ANTHROPIC_CONFIG_DIR"):
        return Path(given)
    if os.name == "nt":
        return Path(os.environ.get("APPDATA", "")) / "Anthropic"
    return Path(os.environ.get("HOME") or os.path.expanduser("~")) / ".config" / "anthropic"


def _profile_name(connection: Connection) -> str:
    if named := connection.profile or os.environ.get("ANTHROPIC_PROFILE"):
        return named
    try:
        return (_config_dir() / "active_config").read_text(encoding="utf-8").strip() or "default"
    except (OSError, ValueError):
        return "default"


def _profile_base_url(connection: Connection) -> str:
    """The base URL of the profile, where one would be used; a broken profile is the SDK's to report."""
    if not connection.profile:
        if any(os.environ.get(name) for name in _KEYS):
            return ""
        if not os.environ.get("ANTHROPIC_PROFILE") and _federated():
            return ""
    try:
        text = (_config_dir() / "configs" / f"{_profile_name(connection)}.json").read_text(encoding="utf-8")
        found = json.loads(text).get("base_url")
    except (OSError, ValueError, AttributeError, RecursionError):
        return ""
    return found if isinstance(found, str) else ""
