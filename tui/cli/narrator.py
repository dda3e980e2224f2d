"""What a running command tells on stderr while it works: one line of progress, or a sentence per change."""

from __future__ import annotations

from ..model import DownloadProgress, SyncStatus
from ..text import count, size
from .terminal import progress, say

TROUBLED = ("offline", "slowed", "failing", "unauthorized")


class Narrator:
    """The callbacks that `Services` are built with on the command line."""

    def __init__(self, *, tells_troubles: bool = False) -> None:
        self.tells_troubles = tells_troubles
        """Whether a poll's troubles are said: for `wait`, which goes on in spite of them."""
        self._trouble = ""

    def status(self, status: SyncStatus) -> None:
        """The list is being loaded, or cannot be at the moment."""
        if status.state == "loading":
            progress(
                f"Loading the list: {count(status.loaded)} batches …"
                if status.loaded
                else "Loading the list …"
            )
        elif status.state in TROUBLED:
            self._say_trouble(status.problem or status.state)
        elif status.state == "live":
            if self._trouble and self.tells_troubles:
                say("The service answers again.")
            self._trouble = ""

    def _say_trouble(self, trouble: str) -> None:
        if self.tells_troubles and trouble != self._trouble:
            say(f"{trouble} Trying again.")
        self._trouble = trouble

    def download(self, state: DownloadProgress) -> None:
        """Results come in."""
        if state.state == "waiting":
            progress(f"{state.problem} Trying again (attempt {state.attempt}) …")
        elif state.state == "running":
            of = f" of {count(state.expected)}" if state.expected else ""
            progress(f"Downloading results: {count(state.lines)}{of}, {size(state.bytes)} …")
        else:
            progress("")

    def read(self, done: int, total: int) -> None:
        """A source is read."""
        progress(f"Reading {size(done)} of {size(total)} …" if done < total else "")
