"""100,000 answers of 2 kB, JSON in a fence, read as data and counted."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .invented import MODEL, WORDS
from .measure import Bench, Row, paired, spread

NUMBER = 100_000
GAP = "≤ 50 ms"


def run(bench: Bench) -> Iterator[Row]:
    """Beside what it takes at the very least: each line decoded, its fenced part too, and thrown away."""
    source = bench.folder / "results.jsonl"
    write_answers(source, NUMBER)
    found: list[dict[str, Any]] = []

    def ours() -> float:
        found.append(bench.inside("tabulate", bench.folder / "data", source))
        assert found[-1]["lines"] == NUMBER
        return float(found[-1]["seconds"])

    def theirs() -> float:
        return float(bench.inside("fenced", source)["seconds"])

    what = f"answers as data: {NUMBER:,} results, {source.stat().st_size / 1e6:.0f} MB"
    yield paired(ours, theirs, bench.pairs).row(what, "`msgspec` of each line and `json.loads` of its fence")
    yield Row("answers as data: more memory than at its beginning", spread([e["grown"] for e in found], "MB"))
    yield Row("answers as data: size in the store", spread([each["stored"] for each in found], "MB"))
    gap = spread([1000 * each["gap"] for each in found], "ms")
    yield Row("answers as data: longest event-loop gap", gap, goal=GAP)
    for name in ("words", "numbers", "filtered"):
        yield Row(f"a field counted: {name}", spread([each[name] for each in found]), goal="< 0.5 s")
    gap = spread([1000 * each["facet_gap"] for each in found], "ms")
    yield Row("a field counted: longest event-loop gap", gap, goal=GAP)


def write_answers(path: Path, number: int) -> None:
    """Results of a classification, each with the answer in a fenced block."""
    rng = random.Random(7)
    with path.open("wb") as handle:
        for index in range(number):
            handle.write(json.dumps(_line(rng, index), ensure_ascii=False).encode() + b"\n")


def _line(rng: random.Random, index: int) -> dict[str, object]:
    text = f"```json\n{json.dumps(_answer(rng), ensure_ascii=False, indent=2)}\n```"
    message = {
        "model": MODEL,
        "id": f"msg_{rng.getrandbits(80):020x}",
        "type": "message",
        "role": "assistant",
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": rng.randint(50, 3_000), "output_tokens": 500},
    }
    return {"custom_id": f"request-{index:06d}", "result": {"type": "succeeded", "message": message}}


def _answer(rng: random.Random) -> dict[str, object]:
    return {
        "label": rng.choice(("positive", "negative", "mixed", "none")),
        "confidence": round(rng.random(), 2),
        "score": rng.random() * 100,
        "stars": rng.randint(1, 5),
        "is_complaint": rng.random() < 0.3,
        "product": {"name": rng.choice(WORDS), "version": None, "area": {"id": rng.randint(1, 40)}},
        "tags": rng.sample(WORDS, 3),
        "reason": " ".join(rng.choices(WORDS, k=90)),
        "summary": " ".join(rng.choices(WORDS, k=150)),
    }
