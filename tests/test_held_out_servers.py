"""What a reviewer with servers of his own found: answers, clocks and results that nobody had thought of."""

from __future__ import annotations

import asyncio

import pytest

from tests.launching import posts
from tests.running import CREATE, made_run
from tui.commands import SendRun
from tui.handlers import Services, queueing, run
from tui.model import SENT
from tui.simulator import Simulator

# ── a service that refuses for now ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("headers", [{"retry-after": "0"}, {"retry-after-ms": "1"}, {}])
async def test_each_refusal_in_a_row_makes_the_wait_longer(
    services: Services, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    waits: list[float] = []

    async def noted(stopped: asyncio.Event, seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(queueing, "_pause", noted)
    simulator.faults.add(CREATE, "status", status=429, headers=headers, times=5)
    made = await made_run(services, (1,))
    sent = await run(services, SendRun(made.id))
    assert (sent.state, posts(simulator), waits) == (SENT, 6, [5, 10, 20, 30, 30])
