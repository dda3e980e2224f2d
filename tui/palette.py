"""What the palette offers: every key's action by its name, and any batch by name or id."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider

from .model import Entry
from .screens.batch import BatchScreen
from .screens.batches import BatchesScreen
from .text import clean

if TYPE_CHECKING:
    from .app import DeckApp

MOST = 30
"""Finds of one kind offered at once."""

MOVES = ("move", "page", "jump", "cursor", "step", "switch")
"""Actions that make no sense by name."""

Offer = tuple[str, str, Callable[[], Any]]
"""Name, what stands beside it, what it does; the palette gets `Text`, as strings would be markup."""


class _Offers(Provider):
    """Shows offers as they are and finds them by any part of what they say."""

    def offers(self) -> Iterator[Offer]:
        """What there is to choose from, the best first."""
        raise NotImplementedError

    async def discover(self) -> Hits:
        """Before anything is typed."""
        for number, (name, beside, run) in enumerate(self.offers()):
            if number < MOST:
                yield DiscoveryHit(Text.assemble(name, (f"  {beside}", "dim")), run, text=name)

    async def search(self, query: str) -> Hits:
        """What matches, the best first."""
        matcher = self.matcher(query)
        found = 0
        for name, beside, run in self.offers():
            score = matcher.match(f"{name} {beside}")
            if score > 0 and found < MOST:
                found += 1
                yield Hit(score, Text.assemble(name, (f"  {beside}", "dim")), run, text=name)


class KeyProvider(_Offers):
    """Everything that keys can do on the screen below, as far as it is possible now."""

    def offers(self) -> Iterator[Offer]:
        """Name and keys of each action."""
        seen = set()
        for _, binding, enabled, _ in self.screen.active_bindings.values():
            if not enabled or not binding.description or binding.action in seen:
                continue
            if not binding.action.removeprefix("app.").startswith(MOVES):
                seen.add(binding.action)
                yield binding.description, self.app.get_key_display(binding), partial(self._run, binding)

    async def _run(self, binding: Binding) -> None:
        """Where it belongs: on what has the focus, else on the screen, else on the app."""
        await self.screen.run_action(binding.action) if self._is_screens(binding) else await self._on_focused(
            binding
        )

    def _is_screens(self, binding: Binding) -> bool:
        name = binding.action.partition("(")[0]
        return hasattr(self.screen, f"action_{name}")

    async def _on_focused(self, binding: Binding) -> None:
        await self.app.run_action(binding.action, self.screen.focused or self.screen)


class BatchProvider(_Offers):
    """`Open NAME` for every batch that is known."""

    def offers(self) -> Iterator[Offer]:
        """The newest first."""
        app: DeckApp = self.app  # type: ignore[assignment]
        for screen in app.screen_stack:
            if isinstance(screen, BatchesScreen):
                for entry in sorted(screen.entries.values(), key=_age, reverse=True):
                    yield f"Open {clean(entry.name)}", clean(entry.id), partial(self._open, entry)

    def _open(self, entry: Entry) -> None:
        app: DeckApp = self.app  # type: ignore[assignment]
        app.push_screen(BatchScreen(app.desk, entry.id))


def _age(entry: Entry) -> Any:
    return entry.batch.created_at
