"""Two results side by side, laid out anew for each width."""

from __future__ import annotations

from textual import events

from ..handlers.comparing import PairView
from .compare_rows import pair_words
from .result_pane import ResultPane


class PairPane(ResultPane):
    """Scrolls over a pair; columns of its own making have to follow its width."""

    _pair: tuple[PairView, tuple[str, str]] | None = None

    def show_pair(self, view: PairView, names: tuple[str, str]) -> None:
        """Show both, under the names of their sides."""
        self._pair = view, names
        self._say()

    def on_resize(self, event: events.Resize) -> None:
        """Columns of another width; a pane that was hidden until now has its first one."""
        self._say()

    def _say(self) -> None:
        if self._pair is not None and self.size.width:
            view, names = self._pair
            self.show(pair_words(view, names, self.width))
