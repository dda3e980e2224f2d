"""What the environment says about the way to the service, and what is said when it leads nowhere."""

from __future__ import annotations

import pytest

from tests.cli_runs import Run
from tests.conftest import Played

NOWHERE = "127.0.0.1:9"


@pytest.mark.parametrize(
    ("name", "value", "code", "said"),
    [
        ("ALL_PROXY", f"socks5://{NOWHERE}", 2, "SOCKS proxy"),
        ("HTTP_PROXY", f"garbage://user:password@{NOWHERE}", 2, "no address of one"),
        ("HTTP_PROXY", f"http://user:password@{NOWHERE}", 3, "A proxy is set in HTTP_PROXY"),
        ("SSL_CERT_FILE", "/nonexistent/certificates.pem", 2, "/nonexistent/certificates.pem: No such file"),
    ],
)
def test_it_is_named(
    run: Run, played: Played, monkeypatch: pytest.MonkeyPatch, name: str, value: str, code: int, said: str
) -> None:
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv(name, value)
    outcome = run("list")
    assert outcome.code == code
    assert said in outcome.err and "password" not in outcome.err
