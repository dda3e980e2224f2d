"""Running the program for the tests of the command line, and the files it is given."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE = 30.0
"""Seconds after which a silent program counts as stuck."""

ROOT = Path(__file__).parent.parent

KEY = "sk-ant-test-0000-never-shown"
"""The key every test uses; no output, log or file may ever contain it."""


@dataclass(frozen=True)
class Outcome:
    """What a run of the program came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Stdout, read as JSON."""
        return json.loads(self.out)


Run = Callable[..., Outcome]


def requests(folder: Path, number: int = 3, name: str = "requests.jsonl", word: str = "Hello") -> Path:
    """A good source."""
    params = {"model": "claude-sonnet-5-5", "max_tokens": 64, "messages": [{"role": "user", "content": word}]}
    lines = [json.dumps({"custom_id": f"q-{i}", "params": params}) for i in range(number)]
    file = folder / name
    file.write_text("\n".join(lines) + "\n")
    return file


def start(argv: Sequence[str], **options: Any) -> subprocess.Popen[str]:
    """The program as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tui", *argv],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        **options,
    )


def finished(child: subprocess.Popen[str]) -> Outcome:
    """Its end."""
    out, err = child.communicate(timeout=30)
    assert "Traceback" not in err, err
    assert KEY not in out + err
    return Outcome(child.returncode, out, err)


class Terminal:
    """A program on a pseudo-terminal: what it writes can be waited for, and answered."""

    def __init__(self, argv: Sequence[str]) -> None:
        self.master, slave = pty.openpty()
        self.seen = ""
        self.child = subprocess.Popen(
            [sys.executable, *argv],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=ROOT,
            start_new_session=True,
        )
        os.close(slave)

    def until(self, text: str) -> str:
        """Read until this has been written; gives all so far."""
        while text not in self.seen:
            self._read()
        return self.seen

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self.master, text.encode())

    def end(self) -> int:
        """Read until nobody writes any more; gives the exit code."""
        try:
            while True:
                self._read()
        except EOFError:
            return self.child.wait(30)

    def close(self) -> None:
        """Leave nothing behind."""
        self.child.kill()
        self.child.wait(30)
        os.close(self.master)

    def _read(self) -> None:
        ready, _, _ = select.select([self.master], [], [], PATIENCE)
        assert ready, f"nothing more came after: {self.seen!r}"
        try:
            data = os.read(self.master, 65536)
        except OSError:  # Linux says EIO once the last writer has gone
            data = b""
        if not data:
            raise EOFError(self.seen)
        self.seen += data.decode(errors="replace")
