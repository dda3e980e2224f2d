"""Copies through the terminal, with an honest word about what is known of their arrival."""

from __future__ import annotations

from typing import Any

from textual.app import App

from .. import text

MOST_COPIED = 74_000
"""Bytes: with base64's third on top, what fits into one OSC 52 sequence (xterm's limit is 100,000)."""


def copy(app: App[Any], content: str, what: str) -> None:
    """Send text to the terminal's clipboard; say what was sent, and that nobody confirms it."""
    content = content.encode("utf-8", "replace").decode("utf-8")  # lone surrogates cannot be sent
    size = len(content.encode("utf-8"))
    if size > MOST_COPIED:
        app.notify(
            f"{text.size(size)} is more than terminals take ({text.size(MOST_COPIED)}). "
            "Use e to save to a file, or p for the pager.",
            title="Not copied",
            severity="warning",
            markup=False,
        )
        return
    app.copy_to_clipboard(content)
    app.notify(
        "Sent to the terminal's clipboard (OSC 52); terminals do not confirm. "
        "In tmux it needs: set -g set-clipboard on",
        title=f"Copied {what}",
        markup=False,
    )
