"""A program on a pseudo-terminal of 120×40: when it shows something, and how many bytes it takes."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from .measure import PATIENCE, ROOT

SIZE = struct.pack("HHHH", 40, 120, 0, 0)


class Screen:
    """What a running program has written so far."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, SIZE)
        self.written = 0
        self._tail = b""
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            arguments,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=ROOT,
            env=environment,
            start_new_session=True,
        )
        os.close(slave)

    def until(self, words: str) -> float:
        """Seconds from exec to the moment these words were written."""
        wanted = words.encode()
        while wanted not in self._tail:
            if not self.read(PATIENCE):
                raise RuntimeError(f"{words!r} never appeared in {self._tail[-3_000:]!r}")
        return time.perf_counter() - self.started

    def read(self, seconds: float) -> bool:
        """Take in what is written next; False if nothing comes in this time."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        try:
            data = os.read(self.master, 1 << 16) if ready else b""
        except OSError:  # Linux says EIO once the program has gone
            data = b""
        self.written += len(data)
        self._tail = (self._tail + data)[-200_000:]
        return bool(data)

    def read_for(self, seconds: float) -> int:
        """Bytes written within this time."""
        before, end = self.written, time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.read(left)
        return self.written - before

    def close(self) -> None:
        """End the program, politely where it listens."""
        self.process.send_signal(signal.SIGTERM)
        while self.process.poll() is None:
            self.read(0.05)
        os.close(self.master)


@contextmanager
def screen(arguments: Sequence[str], environment: Mapping[str, str]) -> Iterator[Screen]:
    """Run a program while the context lasts."""
    running = Screen(arguments, environment)
    try:
        yield running
    finally:
        running.close()
