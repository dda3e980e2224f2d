"""Which credential is used, what is said where there is none, and that a key is never shown."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import subprocess
import sys
import traceback
from contextlib import suppress
from pathlib import Path

import pytest

from tui.api import Api, Connection
from tui.errors import DeckError, NoCredential, Unauthorized, Unreachable, UsageError

from .conftest import KEY, Played
from .network import LIST, Requests, key, reaching, read

__all__ = ["key"]

PLAIN = Connection()


async def test_without_a_credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Api(Connection())
    with pytest.raises(NoCredential):
        await made.load()
    with pytest.raises(NoCredential) as caught:
        await made.load()
    assert not made.loaded
    # The SDK itself takes this for a broken profile.
    monkeypatch.setenv("ANTHROPIC_CONFIG_DIR", str(tmp_path))
    with pytest.raises(NoCredential):
        await made.load()
    for word in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "--profile", "FEDERATION", "--demo"):
        assert word in str(caught.value)


async def test_a_header_of_the_users_own_is_a_credential(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", f"x-api-key: {KEY}\nx-team: blue")
    played.simulator.switches.x_api_key_only = True
    async with reaching(played.url) as api:
        await api.list()
    assert played.simulator.log.entries[-1].headers["x-team"] == "blue"


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration folder of the SDK's."""
    monkeypatch.setenv("ANTHROPIC_CONFIG_DIR", str(tmp_path / "anthropic"))
    return tmp_path / "anthropic"


def write_profile(folder: Path, name: str, config: object) -> None:
    for part, value in (("configs", config), ("credentials", {"access_token": KEY, "type": "oauth_token"})):
        (folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / part / f"{name}.json"
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        path.chmod(0o600)


async def test_a_profile_is_used_and_renewed(
    played: Played, profiles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name)
    config = {"authentication": {"type": "user_oauth"}, "base_url": played.url, "workspace_id": "wrkspc_01P"}
    write_profile(profiles, "work", config)
    api = Api(Connection(profile="work"))
    assert api.base_url == played.url
    # The first token is refused, and so is the repetition that makes the SDK read the file again.
    played.simulator.faults.add(f"GET {LIST}", "authentication", times=2)
    await api.list()
    await api.close()
    heads = [entry.headers for entry in played.simulator.log.matching("GET", LIST)]
    assert len(heads) == 3
    assert heads[-1]["anthropic-workspace-id"] == "wrkspc_01P"


@pytest.mark.parametrize(
    "config", ["{", "[]", {}, {"authentication": {"type": "user_oauth"}, "base_url": "ftp:x"}]
)
async def test_a_broken_profile_is_reported_in_the_sdks_words(profiles: Path, config: object) -> None:
    write_profile(profiles, "work", config)
    with pytest.raises(UsageError) as caught:
        await Api(Connection(profile="work")).load()
    assert not isinstance(caught.value, NoCredential)
    assert caught.value.hint and KEY not in str(caught.value)


async def test_a_profile_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        await Api(Connection(profile="nowhere")).load()
    monkeypatch.setenv("ANTHROPIC_PROFILE", "elsewhere")
    with pytest.raises(UsageError, match="elsewhere"):
        await Api(Connection()).load()


@pytest.mark.parametrize("spoilt", [f"{KEY}\n", f"{KEY}\n\n", f"{KEY}\r\nx-evil: 1", f"{KEY}…", f"{KEY}\x01"])
async def test_a_key_that_cannot_be_sent_is_never_quoted(
    played: Played, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, spoilt: str
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("ANTHROPIC_API_KEY", spoilt)
    async with reaching(played.url) as api:
        asked: list[DeckError] = []
        for question in (api.list(), api.create(Requests())):
            try:
                await question
            except DeckError as error:
                asked.append(error)
        with suppress(DeckError):
            await asyncio.to_thread(read, api, "msgbatch_1")
    for each in asked:
        assert isinstance(each, UsageError | Unauthorized), each
        assert KEY not in "".join(traceback.format_exception(each)) and KEY not in str(each)
    assert KEY not in caplog.text
    assert not played.simulator.creates or "\n" not in spoilt


@pytest.mark.parametrize("url", ["", "   ", "not a url", "ftp://x", "http://", "http://[::1", "http://a b/"])
async def test_addresses_that_are_none(url: str, key: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
    api = Api(Connection())
    if not url.strip():
        assert api.base_url == "https://api.anthropic.com"
        return
    with pytest.raises((UsageError, Unreachable)):
        await api.list()
    await api.close()


def test_the_address_is_shown_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://user:s3cret@gateway.example/v/")
    assert Api(Connection()).base_url == "https://gateway.example/v"


def test_fingerprints_tell_credentials_apart_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def of(connection: Connection = PLAIN, /, salt: bytes = b"salt", **environment: str) -> str:
        with monkeypatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            return Api(connection).fingerprint(salt)

    def federated(token: str) -> str:
        return of(
            ANTHROPIC_FEDERATION_RULE_ID="r", ANTHROPIC_ORGANIZATION_ID="o", ANTHROPIC_IDENTITY_TOKEN=token
        )

    prints = [
        of(),
        of(salt=b"other"),
        of(ANTHROPIC_API_KEY=KEY),
        of(ANTHROPIC_API_KEY=KEY + "2"),
        of(ANTHROPIC_AUTH_TOKEN=KEY),
        of(ANTHROPIC_PROFILE="a"),
        of(Connection(profile="b")),
        of(Connection(workspace="w"), ANTHROPIC_API_KEY=KEY),
        of(ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL="https://gateway.example"),
        of(ANTHROPIC_CUSTOM_HEADERS="X-API-Key: 1"),
        federated("t"),
        of(Connection(demo_key=True), ANTHROPIC_API_KEY=KEY),
    ]
    assert len(set(prints)) == len(prints)
    assert all(re.fullmatch("[0-9a-f]{64}", each) for each in prints)
    assert federated("t") == federated("u")
    assert of(ANTHROPIC_CUSTOM_HEADERS="x-trace: 1") == of(ANTHROPIC_CUSTOM_HEADERS="x-trace: 2")
    assert of(Connection(profile="b"), ANTHROPIC_API_KEY=KEY) == of(Connection(profile="b"))


# ── loading ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_sdk_comes_late_and_says_nothing_on_the_terminal() -> None:
    script = """
import asyncio, sys, tui.api, tui.sync
assert not {"anthropic", "httpx2", "pydantic"} & set(sys.modules), "too early"
from tui.api import Api, Connection
api = Api(Connection(base_url="http://127.0.0.1:9"))
async def main():
    await asyncio.gather(api.load(), api.load())
    try:
        await api.list()
    except Exception as error:
        assert type(error).__name__ == "Unreachable", error
    await api.close()
asyncio.run(main())
import os
assert os.environ["ANTHROPIC_LOG"] == "debug"
"""
    environment = {
        **os.environ,
        "ANTHROPIC_LOG": "debug",
        "ANTHROPIC_API_KEY": KEY,
        "ANTHROPIC_AUTH_TOKEN": "x",
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], env=environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


async def test_closing_before_and_after(played: Played) -> None:
    api = Api(Connection())
    await api.close()
    with pytest.raises(RuntimeError):
        api.results("msgbatch_1")
    await api.list()
    await api.close()
    await api.close()
    await api.list()
    await api.close()
