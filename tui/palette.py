"""What the palette offers: every key's action by its name, and any batch by name or id."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual.command import DiscoveryHit, Hit, Hits, Provider

from .model import Entry
from .screens.batch import BatchScreen
from .screens.batches import BatchesScreen
from .text import clean

if TYPE_CHECKING:
    from .app import DeckApp

MOST = 50
"""Finds offered at once."""

NEWEST = 5
"""Batches offered before anything is typed."""

MOVES = ("move", "page", "jump", "cursor", "step", "switch")
"""Actions that make no sense by name."""

Offer = tuple[str, str, Callable[[], Any]]
"""Name, what stands beside it, what it does; the palette gets `Text`, as strings would be markup."""


class DeckProvider(Provider):
    """Offers as they are, found by any part of what they say: first what keys do, then batches."""

    async def discover(self) -> Hits:
        """Before anything is typed: every action, and the newest batches."""
        for name, beside, run in [*self._actions(), *islice(self._batches(), NEWEST)]:
            yield DiscoveryHit(_shown(name, beside), run, text=name)

    async def search(self, query: str) -> Hits:
        """What matches, the best first."""
        matcher = self.matcher(query)
        hits = 0
        for name, beside, run in chain(self._actions(), self._batches()):
            score = matcher.match(f"{name} {beside}")
            if score > 0 and hits < MOST:
                hits += 1
                yield Hit(score, _shown(name, beside), run, text=name)

    def _actions(self) -> Iterator[Offer]:
        """Everything that keys can do on the screen below, as far as it is possible now."""
        seen = set()
        for node, binding, enabled, _ in self.screen.active_bindings.values():
            if not enabled or not binding.id or not binding.description or binding.action in seen:
                continue
            if not binding.action.startswith(MOVES):
                seen.add(binding.action)
                run = partial(self.app.run_action, binding.action, node)
                yield binding.description, self.app.get_key_display(binding), run

    def _batches(self) -> Iterator[Offer]:
        """`Open NAME` for every batch that is known, the newest first."""
        app: DeckApp = self.app  # type: ignore[assignment]
        for screen in app.screen_stack:
            if isinstance(screen, BatchesScreen):
                for entry in sorted(screen.entries.values(), key=_created, reverse=True):
                    yield f"Open {clean(entry.name)}", clean(entry.id), partial(self._open, entry)

    def _open(self, entry: Entry) -> None:
        app: DeckApp = self.app  # type: ignore[assignment]
        app.push_screen(BatchScreen(app.desk, entry.id))


def _shown(name: str, beside: str) -> Text:
    return Text.assemble(name, (f"  {beside}", "dim"))


def _created(entry: Entry) -> datetime:
    return entry.batch.created_at
