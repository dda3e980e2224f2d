"""A credential that comes back in somebody else's words is not shown."""

from __future__ import annotations

import json

import pytest

from tests.cli_runs import Run
from tests.conftest import KEY
from tui.config import without_secrets
from tui.simulator.asgi import Receive, Scope, Send
from tui.simulator.server import ServerThread

GATEWAY_KEY = "team-7-gateway-pass"


async def echoing(scope: Scope, receive: Receive, send: Send) -> None:
    """A gateway that quotes the headers it was sent, wherever it can."""
    if scope["type"] != "http":
        return
    said = " ".join(value.decode() for _, value in scope["headers"])
    body = {"type": "error", "error": {"type": "authentication_error", "message": f"Not accepted: {said}"}}
    start = {"type": "http.response.start", "status": 401, "headers": [(b"request-id", said.encode())]}
    await send(start)
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


@pytest.mark.parametrize("variable", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"])
@pytest.mark.parametrize("key", [KEY, "neither-of-the-usual-form", "with spaces and [/markup]"])
def test_a_gateway_that_quotes_the_key(
    run: Run, monkeypatch: pytest.MonkeyPatch, variable: str, key: str
) -> None:
    monkeypatch.setenv(variable, key)
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", f"x-gateway-key: {GATEWAY_KEY}")
    with ServerThread(echoing) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        outcome = run("list")
    assert outcome.code == 1 and "Not accepted" in outcome.err and "[removed]" in outcome.err
    assert key not in outcome.err and GATEWAY_KEY not in outcome.err


def test_only_what_is_secret_is_blotted_out(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "no key: Bearer abcdefgh, sk-ant-x1, green, the demo"
    monkeypatch.setenv("ANTHROPIC_API_KEY", "demo")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "x-team: green\nx-token: demo\nnonsense")
    assert without_secrets(text) == "no key: Bearer [removed] [removed], green, the demo"
