"""Our check or prepare from within: `draft SOURCE [TARGET]`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.benchmarks.children.telling import tell
from tui.sources import check, prepare


def main(source: Path, *target: str) -> None:
    """Run once."""
    start = time.perf_counter()
    draft = prepare(source, Path(target[0])) if target else check(source)
    tell(seconds=time.perf_counter() - start, requests=draft.requests, problems=draft.problem_count)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
