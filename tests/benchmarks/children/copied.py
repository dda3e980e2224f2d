"""A file read and written line by line: `copied SOURCE TARGET`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.benchmarks.children.telling import tell


def main(source: Path, target: Path) -> None:
    """Copy it."""
    start = time.perf_counter()
    with source.open("rb") as lines, target.open("wb") as out:
        for line in lines:
            out.write(line)
    tell(seconds=time.perf_counter() - start, bytes=target.stat().st_size)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
