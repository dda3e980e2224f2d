"""Pairs of runs, processes of their own, and rows of the printed table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, ClassVar

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 600.0


@dataclass(frozen=True)
class Row:
    """One line of the table; what is not compared has no yardstick."""

    HEAD: ClassVar[str] = (
        "| what | ours | yardstick | ours ÷ yardstick (min–max) | goal |\n|---|--:|---|--:|---|"
    )
    what: str
    ours: str
    yardstick: str = ""
    ratio: str = ""
    goal: str = ""

    def __str__(self) -> str:
        return f"| {self.what} | {self.ours} | {self.yardstick} | {self.ratio} | {self.goal} |"


@dataclass(frozen=True)
class Pairs:
    """Measurements taken in turn, so that whatever else the machine does strikes both sides."""

    ours: Sequence[float]
    theirs: Sequence[float]

    def row(self, what: str, yardstick: str, goal: str = "", unit: str = "s") -> Row:
        """The medians, and the ratios pair by pair."""
        ratios = [ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True) if theirs]
        ratio = f"**{median(ratios):.2f}** ({min(ratios):.2f}–{max(ratios):.2f})" if ratios else ""
        return Row(what, spread(self.ours, unit), f"{yardstick}: {spread(self.theirs, unit)}", ratio, goal)


def paired(ours: Callable[[], float], theirs: Callable[[], float], times: int) -> Pairs:
    """Run both sides once to warm up, then in turn; every other pair begins with the other side."""
    ours()
    theirs()
    first: list[float] = []
    second: list[float] = []
    for number in range(times):
        if number % 2:
            second.append(theirs())
            first.append(ours())
        else:
            first.append(ours())
            second.append(theirs())
    return Pairs(first, second)


def spread(values: Sequence[float], unit: str = "s") -> str:
    """Median with the smallest and the largest: `0.52 s (0.50–0.61)`."""
    low, high = shown(min(values), unit), shown(max(values), unit)
    return f"{shown(median(values), unit)} {unit}" + (f" ({low}–{high})" if low != high else "")


def shown(value: float, unit: str) -> str:
    """A number with the digits that mean something."""
    return f"{value:.2f}" if unit == "s" else f"{value:,.1f}" if unit == "ms" else f"{value:,.0f}"


@dataclass(frozen=True)
class Bench:
    """What a benchmark runs with: a folder of its own, the number of pairs, a clean environment."""

    folder: Path
    pairs: int
    bytecode: Path

    def environment(self, url: str = "http://127.0.0.1:9") -> dict[str, str]:
        """Nothing of the person who measures, but compiled modules kept, as an installed program has them."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "NO_PROXY": "127.0.0.1",
            "ANTHROPIC_API_KEY": "benchmark",
            "ANTHROPIC_BASE_URL": url,
            "PYTHONPYCACHEPREFIX": str(self.bytecode),
        }

    def inside(self, child: str, *arguments: object, url: str = "http://127.0.0.1:9") -> dict[str, Any]:
        """Run one of the children; what it measured within itself is the JSON it prints."""
        done = subprocess.run(
            command(child, *arguments),
            cwd=ROOT,
            env=self.environment(url),
            stdout=subprocess.PIPE,
            timeout=PATIENCE,
            check=True,
        )
        measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return measured

    @contextmanager
    def server(self, child: str, *arguments: object) -> Iterator[dict[str, Any]]:
        """A server in a process of its own; it prints where it listens as a line of JSON."""
        process = subprocess.Popen(
            command(child, *arguments),
            cwd=ROOT,
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE)


def command(child: str, *arguments: object) -> list[str]:
    """How to start one of the children."""
    return [sys.executable, "-m", f"tests.benchmarks.children.{child}", *map(str, arguments)]
