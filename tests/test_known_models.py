"""The service's models: asked for once a day, remembered by account, done without where need be."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tui.__main__ import build
from tui.api import Connection
from tui.handlers import Services
from tui.handlers import known_models as home
from tui.handlers.known_models import known_models
from tui.model import KnownModels
from tui.paths import Paths
from tui.simulator import Gate, Simulator
from tui.simulator.moments import utc_now

MODELS = "/v1/models"


def later(services: Services, span: timedelta) -> Services:
    return replace(services, clock=lambda: utc_now() + span)


def times_asked(simulator: Simulator) -> int:
    return len(simulator.log.matching("GET", MODELS))


async def test_the_service_is_asked_once_a_day(services: Services, simulator: Simulator) -> None:
    assert await known_models(services, ask=False) is None
    assert times_asked(simulator) == 0 and not services.api.loaded
    first = await known_models(services, ask=True)
    assert first is not None and first.complete and first.asked_at
    assert "retired" in {model.lifecycle for model in first.models}
    assert await known_models(services, ask=True) == first
    assert await known_models(services, ask=False) == first
    assert times_asked(simulator) == 1
    again = await known_models(later(services, timedelta(hours=25)), ask=True)
    assert again is not None and again.complete and again.asked_at > first.asked_at
    assert times_asked(simulator) == 2


async def test_an_old_list_is_better_than_none(services: Services, simulator: Simulator) -> None:
    fresh = await known_models(services, ask=True)
    assert fresh is not None
    simulator.faults.add("GET /v1/models", "overloaded", times=None)
    for span in (timedelta(days=2), -timedelta(days=2)):  # or of a clock that was put back
        for ask in (True, False):
            old = await known_models(later(services, span), ask=ask)
            assert old == KnownModels(fresh.models, False, fresh.asked_at)


@pytest.mark.parametrize(
    "fault", ["overloaded", "drop", "not_found", "html", "authentication", "malformed_json"]
)
async def test_no_list_is_no_error(services: Services, simulator: Simulator, fault: str) -> None:
    simulator.faults.add("GET /v1/models", fault, times=None)
    assert await known_models(services, ask=True) is None


async def test_no_key_is_no_error(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    assert await known_models(services, ask=True) is None


async def test_a_service_that_does_not_answer(
    services: Services, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = Gate()
    simulator.faults.add("GET /v1/models", "delay", gate=never)
    monkeypatch.setattr(home, "PATIENCE", 0.05)
    assert await known_models(services, ask=True) is None
    asked = len(simulator.log)
    assert await known_models(services, ask=True) is None, "it is not waited for again"
    assert len(simulator.log) == asked
    assert (await known_models(later(services, timedelta(minutes=11)), ask=True) or KnownModels()).complete
    never.set()


async def test_an_empty_list_says_nothing(services: Services, simulator: Simulator) -> None:
    simulator.faults.add("GET /v1/models", "status", status=200, body=b'{"data": []}')
    assert await known_models(services, ask=True) is None
    assert (await known_models(services, ask=True) or KnownModels()).complete


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"models": [], "asked_at": ""}',
        '{"models": [{"id": 7}], "asked_at": ""}',
        '{"models": [{}], "asked_at": ""}',
        '{"models": [7], "asked_at": ""}',
        '{"models": [{"id": "a", "max_tokens": "many"}], "asked_at": ""}',
        "[" * 100_000,
    ],
)
async def test_what_was_remembered_badly_is_forgotten(services: Services, text: str) -> None:
    account = await services.account()
    await services.store.settings.set(f"models.{account.id}", text)
    assert await known_models(services, ask=False) is None
    found = await known_models(services, ask=True)
    assert found is not None and found.complete


async def test_a_later_versions_memory_is_read_as_far_as_it_is_known(services: Services) -> None:
    account = await services.account()
    text = f'{{"models": [{{"id": "a", "colour": "red"}}], "asked_at": "{utc_now().isoformat()}", "new": 1}}'
    await services.store.settings.set(f"models.{account.id}", text)
    found = await known_models(services, ask=True)
    assert found is not None and [model.id for model in found.models] == ["a"] and found.complete


async def test_accounts_do_not_share_their_lists(
    services: Services, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await known_models(services, ask=True) is not None
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-of-somebody-else")
    async with build(paths, Connection()) as others:
        assert await known_models(others, ask=False) is None
