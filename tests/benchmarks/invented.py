"""Batches, results and requests made up for measuring; the same each time."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from tui.model import Batch, Counts, utc_now

WORDS = (
    "the",
    "measured",
    "value",
    "of",
    "each",
    "sample",
    "was",
    "lower",
    "than",
    "naïve",
    "estimates—",
    "so",
)
PLAIN = tuple(word.encode("ascii", "ignore").decode() for word in WORDS)
"""The same without accents: where all is ASCII, nothing has to be done to know that it is UTF-8."""
MODEL = "claude-sonnet-5-5"


def batches(number: int) -> list[Batch]:
    """Ended ones, the newest first, with a few problems."""
    now = utc_now()
    return [
        Batch(
            f"msgbatch_{index:08d}",
            "ended",
            Counts(succeeded=1_000 + index, errored=index % 7),
            created_at=now - timedelta(minutes=3 * index + 9),
            expires_at=now + timedelta(hours=20),
            ended_at=now - timedelta(minutes=3 * index + 2),
        )
        for index in range(number)
    ]


def label(index: int) -> str:
    """What the user called it."""
    return f"evaluation {index:05d}"


def result_lines(number: int) -> Iterator[bytes]:
    """Results of about 2 kB: mostly answers, some of them cut, some tool calls, some errors."""
    rng = random.Random(7)
    for index in range(number):
        value = {"custom_id": f"request-{index:06d}", "result": _result(rng, rng.random())}
        yield json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _result(rng: random.Random, chance: float) -> dict[str, object]:
    if chance < 0.02:
        return {"type": "expired"}
    if chance < 0.05:
        error = {
            "type": "invalid_request_error",
            "message": f"messages.{rng.randrange(20)}: " + " ".join(WORDS * 15),
        }
        return {"type": "errored", "error": {"type": "error", "error": error, "request_id": "req_011"}}
    content: dict[str, object] = {"type": "text", "text": _text(rng, rng.randint(800, 2_400))}
    if chance < 0.15:
        content = {
            "type": "tool_use",
            "id": "toolu_01",
            "name": "store",
            "input": {"text": _text(rng, 1_500)},
        }
    usage = {
        "input_tokens": rng.randint(50, 3_000),
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": rng.choice((0, 1_024)),
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": rng.randint(100, 800),
        "service_tier": "batch",
    }
    message = {
        "model": MODEL,
        "id": f"msg_{rng.getrandbits(80):020x}",
        "type": "message",
        "role": "assistant",
        "content": [content],
        "stop_reason": rng.choice(("end_turn",) * 9 + ("max_tokens",)),
        "stop_sequence": None,
        "usage": usage,
    }
    return {"type": "succeeded", "message": message}


def _text(rng: random.Random, size: int, words: Sequence[str] = WORDS) -> str:
    line = " ".join(rng.choices(words, k=60)) + "\n"
    return f"{rng.getrandbits(32):08x} {line * (size // len(line) + 1)}"[:size]


def write_requests(path: Path, number: int, words: Sequence[str] = PLAIN) -> None:
    """Requests of about 2 kB, one a line."""
    rng = random.Random(7)
    with path.open("wb") as handle:
        for index in range(number):
            message = {"role": "user", "content": _text(rng, 1_850, words)}
            params = {"model": MODEL, "max_tokens": 512, "messages": [message]}
            value = {"custom_id": f"request-{index:06d}", "params": params}
            handle.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
