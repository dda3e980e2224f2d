"""Our check or prepare from within: `draft SOURCE [FOLDER]`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.benchmarks.children.telling import tell
from tui.sources import check, prepare


def main(source: Path, *folder: str) -> None:
    """Run once."""

    def target(number: int) -> Path:
        return Path(folder[0]) / f"draft-{number}.jsonl"

    start = time.perf_counter()
    draft = prepare([source], target) if folder else check([source])
    tell(seconds=time.perf_counter() - start, requests=draft.requests, problems=draft.problem_count)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
