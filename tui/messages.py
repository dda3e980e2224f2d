"""The one message that goes up: somebody wants something."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from .commands import Command


@dataclass
class Wanted(Message):
    """The user wants this, and has confirmed it where that is needed; the app carries it out."""

    command: Command
