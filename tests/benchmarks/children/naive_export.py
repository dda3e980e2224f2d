"""What a few lines of Python do for the same table: `naive_export RESULTS TARGET`."""

from __future__ import annotations

import csv
import json
import sys
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.children.telling import tell


def main(results: Path, target: Path) -> None:
    """A row for each line."""
    start = time.perf_counter()
    with results.open("rb") as lines, target.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        for line in lines:
            data = json.loads(line)
            writer.writerow([data["custom_id"], *_cells(data["result"])])
    tell(seconds=time.perf_counter() - start, bytes=target.stat().st_size)


def _cells(result: dict[str, Any]) -> list[Any]:
    message = result.get("message") or {}
    error = (result.get("error") or {}).get("error") or {}
    usage = message.get("usage") or {}
    blocks = message.get("content") or []
    said = "".join(each["text"] for each in blocks if each["type"] == "text")
    calls = (f"{each['name']} {json.dumps(each['input'])}" for each in blocks if each["type"] == "tool_use")
    return [
        result["type"],
        message.get("stop_reason"),
        said or "\n".join(calls),
        error.get("type"),
        error.get("message"),
        message.get("model"),
        usage.get("input_tokens"),
        usage.get("output_tokens"),
        usage.get("cache_creation_input_tokens"),
        usage.get("cache_read_input_tokens"),
    ]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
