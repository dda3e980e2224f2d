"""A terminal that goes away at a question: what was not sent leaves nothing behind all the same."""

from __future__ import annotations

import asyncio
from types import ModuleType
from typing import Any

import pytest

from tests.running import made_run
from tui import handlers
from tui.cli import launching, retrying
from tui.handlers import Services
from tui.model import DROPPED


@pytest.mark.parametrize("face", [launching, retrying])
async def test_a_hangup_while_drafts_are_removed_comes_too_late(
    services: Services, monkeypatch: pytest.MonkeyPatch, face: ModuleType
) -> None:
    made = await made_run(services)
    begun, may_go_on = asyncio.Event(), asyncio.Event()
    carry_out = handlers.run

    async def slow(*arguments: Any) -> Any:
        begun.set()
        await may_go_on.wait()
        return await carry_out(*arguments)

    monkeypatch.setattr(handlers, "run", slow)
    clearing = asyncio.ensure_future(face._clear_away(services, made))
    await begun.wait()
    clearing.cancel()
    may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await clearing
    left = await services.store.runs.get(made.id)
    assert left is not None and {launch.state for launch in left.launches} == {DROPPED}
    assert list(services.paths.drafts.glob("*.jsonl")) == []
