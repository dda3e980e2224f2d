"""The program on a real pseudo-terminal: every byte it writes, and what a terminal makes of them."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyte

from tests.cli_runs import KEY, ROOT

PATIENCE = 30.0
"""Seconds after which a silent program counts as stuck; nothing waits for them to pass."""

SYNC_ASKED, SYNC_KNOWN = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
"""A terminal is asked whether it knows synchronized output, and a modern one says yes."""

OWN = re.compile(
    r"\x1b\[[0-9;]*m"  # colours and styles
    r"|\x1b\[[0-9]+;[0-9]+H"  # the cursor's place
    r"|\x1b\[\?[0-9]+[hl]"  # modes
    r"|\x1b\[\?(?:2026|2048)\$p"  # questions about modes
    r"|\x1b\[(?:>[0-9]+|<)u"  # the keyboard protocol, pushed and popped
    r"|\x1b\]22;[a-z-]*\x07"  # the shape of the mouse pointer
)
"""The control sequences that are the program's own; there is no other, and none that carries a text."""

UNSAFE = re.compile(
    "[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f"
    "\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""What may not reach a terminal as part of a text; line ends and joiners may."""

MODE = re.compile(rb"\x1b\[\?([0-9]+)([hl])")
COLOUR = re.compile(rb"[34]8;5;([0-9]+)")
GREYS = {0, 7, 8, 15, 16, 59, 102, 145, 188, 231, *range(232, 256)}
"""Of a terminal's 256 colours those that are none: what NO_COLOR leaves."""

AT_REST = {1049: b"l", 25: b"h", 1000: b"l", 1003: b"l", 1006: b"l", 1015: b"l", 1004: b"l", 2004: b"l"}
"""How a shell wants its terminal back: ordinary screen, cursor, no mouse, no focus news, no paste marks."""


class Screen:
    """The program as a terminal sees it; a context manager that leaves no process behind."""

    def __init__(
        self,
        argv: Sequence[str],
        size: tuple[int, int] = (80, 24),
        env: dict[str, str] | None = None,
        cwd: Path = ROOT,
    ) -> None:
        self.raw = bytearray()
        """Everything it wrote."""
        self._shown = pyte.Screen(*size)
        self._stream: Any = pyte.ByteStream(self._shown)
        self.master, slave = pty.openpty()
        self._set_size(size)
        self.before = termios.tcgetattr(self.master)
        self.child = subprocess.Popen(
            [sys.executable, *argv],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.child.kill()
        self.child.wait(PATIENCE)
        self.hang_up()

    # What the person does

    def type(self, keys: str | bytes) -> None:
        """Press keys."""
        os.write(self.master, keys.encode() if isinstance(keys, str) else keys)

    def resize(self, size: tuple[int, int]) -> None:
        """Drag the window's corner."""
        self._shown.resize(size[1], size[0])
        self._set_size(size)

    def hang_up(self) -> None:
        """Close the window, or lose the line."""
        if self.master >= 0:
            os.close(self.master)
            self.master = -1

    def _set_size(self, size: tuple[int, int]) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

    # What the person sees

    @property
    def text(self) -> str:
        """What stands on the screen."""
        # Not pyte's own ``display``: it fails where half a wide character was overwritten.
        rows, columns = range(self._shown.lines), range(self._shown.columns)
        return "\n".join("".join(self._shown.buffer[y][x].data for x in columns) for y in rows)

    def until(self, condition: Callable[[], object]) -> None:
        """Read on until this holds."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"it never came to that:\n{self.text}"
            self._read(0.02)

    def until_shown(self, *words: str) -> str:
        """Read on until these words stand on the screen; gives all of it."""
        self.until(lambda: all(word in self.text for word in words))
        return self.text

    def press_until(self, key: str, *words: str) -> None:
        """Press a key, again should it have got lost, until these words stand on the screen."""
        for _ in range(20):
            self.type(key)
            deadline = time.monotonic() + 0.5
            while time.monotonic() < deadline:
                self._read(0.05)
                if all(word in self.text for word in words):
                    return
        raise AssertionError(f"{key!r} does nothing:\n{self.text}")

    def end(self) -> int:
        """Read until nobody writes any more; gives the exit code."""
        deadline = time.monotonic() + PATIENCE
        try:
            while time.monotonic() < deadline:
                self._read(PATIENCE)
        except EOFError:
            return self.child.wait(PATIENCE)
        raise AssertionError(f"it does not end:\n{self.text}")

    def _read(self, patience: float) -> None:
        ready, _, _ = select.select([self.master], [], [], patience)
        if not ready:
            return
        try:
            data = os.read(self.master, 65536)
        except OSError:  # Linux says EIO once the last writer has gone
            data = b""
        if not data:
            raise EOFError
        self.raw += data
        self._stream.feed(data)
        if SYNC_ASKED in data:
            os.write(self.master, SYNC_KNOWN)

    # What must hold of every run

    @property
    def after(self) -> str:
        """What it wrote once the ordinary screen was back."""
        return self.raw.rpartition(b"\x1b[?1049l")[2].decode("utf-8")

    def check_restored(self) -> None:
        """The terminal is as the shell left it."""
        modes = {int(number): state for number, state in MODE.findall(bytes(self.raw))}
        assert {number: modes.get(number) for number in AT_REST} == AT_REST
        assert modes.get(7) == b"h" and modes.get(2026, b"l") == b"l" and modes.get(2048, b"l") == b"l"
        assert len(re.findall(rb"\x1b\[>[0-9]+u", self.raw)) == self.raw.count(b"\x1b[<u")
        assert termios.tcgetattr(self.master) == self.before

    def check_harmless(self) -> None:
        """Nothing but text and the program's own sequences reached the terminal, and no key."""
        text = self.raw.decode("utf-8")
        assert KEY not in text
        rest = OWN.sub("", text)
        found = UNSAFE.search(rest)
        assert found is None, rest[max(found.start() - 40, 0) : found.end() + 40].encode("unicode-escape")
        # Carriage return and line feed only ever come together, from the terminal's own line discipline.
        assert "\r" not in rest.replace("\r\n", "")


def _take_terminal() -> None:
    """In the child: make the terminal the one that signals and hang-ups come from."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
