"""`info`: where things are, how large they are, which account and which versions; never a key."""

from __future__ import annotations

import asyncio
import os
import platform
import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from .. import __version__, handlers
from ..handlers import Services
from ..paths import Paths
from ..text import count, size
from . import output
from .terminal import put

FEDERATION = ("ANTHROPIC_FEDERATION_RULE_ID", "ANTHROPIC_ORGANIZATION_ID")
TOKENS = ("ANTHROPIC_IDENTITY_TOKEN", "ANTHROPIC_IDENTITY_TOKEN_FILE")


async def info(services: Services, options: Namespace) -> int:
    """Everything a bug report needs, and nothing secret; no network."""
    account = await services.account()
    facts: output.Json = {
        "versions": await asyncio.to_thread(versions),
        "paths": {name: str(path) for name, path in places(services.paths).items()},
        "sizes": await asyncio.to_thread(sizes, services.paths),
        "account": {
            "base_url": account.base_url,
            "organization": account.organization or None,
            "workspace": account.workspace or None,
            "batches": len(await services.store.batches.entries(account.id)),
        },
        "credential": credential(options),
        "unfinished": output.unfinished(await handlers.unfinished(services)),
    }
    if options.json:
        output.print_json(facts)
    else:
        for name, value in _lines(facts):
            put(f"{name:<14} {value}".rstrip())
    return 0


def versions() -> dict[str, str | None]:
    """Of us and of what we stand on; null for what is not installed."""
    return {
        "batchdeck": __version__,
        "python": platform.python_version(),
        "textual": _version("textual"),
        "anthropic": _version("anthropic"),
        "sqlite": _sqlite(),
    }


def _version(name: str) -> str | None:
    from importlib import metadata  # 25 ms that only this command should pay

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _sqlite() -> str | None:
    """Of the library; the store, the only one to speak SQL, has loaded it by now."""
    return getattr(sys.modules.get("sqlite3"), "sqlite_version", None)


def places(paths: Paths) -> dict[str, Path]:
    """The names under which paths and sizes are reported."""
    return {
        "data": paths.data,
        "config": paths.config_file,
        "log": paths.log_file,
        "state": paths.state_db,
        "results": paths.results,
        "drafts": paths.drafts,
    }


def sizes(paths: Paths) -> dict[str, int]:
    """Bytes on disk."""
    return {
        "log": _weight(paths.log_file.parent, paths.log_file.name),
        "state": _weight(paths.state_db.parent, paths.state_db.name),
        "results": _weight(paths.results),
        "drafts": _weight(paths.drafts),
    }


def _weight(folder: Path, prefix: str = "") -> int:
    """All files of a folder whose names begin so: SQLite and the log keep others beside their own."""
    total = 0
    try:
        for entry in os.scandir(folder):
            if entry.name.startswith(prefix) and entry.is_file(follow_symlinks=False):
                total += entry.stat(follow_symlinks=False).st_size
    except OSError:
        return total
    return total


def credential(options: Namespace) -> dict[str, str] | None:
    """Where the SDK will find its credential, in its own order (SDK source); only names, never values."""
    if options.demo:
        return {"kind": "demo", "name": "a played account"}
    if options.profile:
        return {"kind": "profile", "name": options.profile}
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
        if os.environ.get(name):
            return {"kind": "variable", "name": name}
    if os.environ.get("ANTHROPIC_PROFILE"):
        return {"kind": "profile", "name": os.environ["ANTHROPIC_PROFILE"]}
    if all(os.environ.get(name) for name in FEDERATION):
        for name in TOKENS:
            if os.environ.get(name):
                return {"kind": "federation", "name": name}
    return _active_profile()


def _active_profile() -> dict[str, str] | None:
    """The profile that is active on disk, if there is one."""
    given = os.environ.get("ANTHROPIC_CONFIG_DIR")
    folder = Path(given) if given else _config_folder()
    try:
        name = (folder / "active_config").read_text(encoding="utf-8").strip() or "default"
    except (OSError, ValueError):
        name = "default"
    found = "/" not in name and "\0" not in name and (folder / "configs" / f"{name}.json").exists()
    return {"kind": "profile", "name": name} if found else None


def _config_folder() -> Path:
    if os.name == "nt":
        return Path(os.environ.get("APPDATA", "")) / "Anthropic"
    return Path(os.environ.get("HOME") or os.path.expanduser("~")) / ".config" / "anthropic"


def _lines(facts: output.Json) -> Iterator[tuple[str, str]]:
    for name, version in facts["versions"].items():
        yield name, version or "not installed"
    for name, path in facts["paths"].items():
        weight = facts["sizes"].get(name)
        yield name, path if weight is None else f"{path} ({size(weight)})"
    account = facts["account"]
    yield "service", account["base_url"]
    yield "organization", account["organization"] or "not known yet"
    yield "workspace", account["workspace"] or "not known yet"
    yield "batches", count(account["batches"])
    source = facts["credential"]
    yield "credential", f"{source['kind']} {source['name']}" if source else "none found"
    for launch in facts["unfinished"]:
        yield "unfinished", f"launch {launch['launch_id']} ({launch['name'] or launch['source']})"
