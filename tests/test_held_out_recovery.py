"""Drafts, stores and processes as they are found after something went wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.launching import posts, prepared, state_of
from tui.commands import Drop, Send
from tui.errors import StoreError
from tui.handlers import Services, run
from tui.model import DRAFT, DROPPED
from tui.simulator import Simulator


async def test_a_draft_that_became_a_folder_is_told_of_and_can_be_dropped(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    launch = await prepared(services, tmp_path)
    draft = services.paths.draft_file(launch.id)
    draft.unlink()
    draft.mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        await run(services, Send(launch.id))
    assert (await state_of(services, launch), posts(simulator)) == (DRAFT, 0)
    await run(services, Drop(launch.id))
    assert await state_of(services, launch) == DROPPED
