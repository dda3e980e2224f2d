"""The drafts of a launch before they are sent: saved once for each wish, and never left lying about."""

from __future__ import annotations

from ..commands import DropRun, Prepare
from ..errors import BadSource
from ..model import Draft
from .desk import Desk
from .launch_state import LaunchState, Wish


async def still_waits(desk: Desk, state: LaunchState) -> bool:
    """Look again at the drafts that were saved: other screens may have sent or dropped them since."""
    if state.run is None:
        return False
    found = await desk.store.runs.get(state.run.id)
    if found is None or not found.waiting:
        state.dropped()
        return False
    state.run = found
    return True


async def save_drafts(desk: Desk, state: LaunchState) -> str:
    """Save the drafts in the place of those of an earlier wish; a sentence where the check was wrong."""
    seen, wish, name, sample = state.draft, state.wish, state.name.strip(), state.sample
    if state.run is not None and not state.run.scope:
        await desk.carry_out(DropRun(state.run.id))
    state.dropped()
    try:
        run, draft = await desk.carry_out(Prepare(wish.paths, name, wish.making, sample))
    except BadSource as error:
        # The service may know more than the check did: which models there are.
        return _not_as_checked(
            state, wish, "It cannot be sent like this. Look at what is wrong.", error.draft
        )
    if seen is None or draft.sha256 != seen.sha256:
        await desk.carry_out(DropRun(run.id))
        return _not_as_checked(state, wish, "The source has changed since it was checked. Look at it again.")
    state.prepared(wish, name, sample, run, draft)
    return ""


def _not_as_checked(state: LaunchState, wish: Wish, reason: str, draft: Draft | None = None) -> str:
    state.forget_check()
    if draft is not None:
        state.checked(wish, draft)
    return reason
