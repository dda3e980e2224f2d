"""What the tests of estimates and limits share: drafts on disk, and runs with answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from tui.handlers import Services
from tui.model import DRAFT, SENT, Draft, DraftPart, Estimate, Launch, Run
from tui.pricing.estimate import to_json
from tui.records import Indexer

COUNT = "POST /v1/messages/count_tokens"
OPUS = "claude-opus-5-5"

Json = dict[str, Any]


def asking(text: str = "Which is it?", model: str = OPUS, **more: object) -> Json:
    """The params of a request."""
    return {"model": model, "max_tokens": 100, "messages": [{"role": "user", "content": text}], **more}


def written(folder: Path, *parts: Sequence[Json], **more: Any) -> Draft:
    """A draft of so many parts, each of them on disk; the params of their requests are given."""
    made = []
    for number, part in enumerate(parts):
        path = folder / f"part-{number}.jsonl"
        lines = [json.dumps({"custom_id": f"r{n}", "params": each}) for n, each in enumerate(part)]
        path.write_text("".join(line + "\n" for line in lines))
        made.append(DraftPart(len(part), path.stat().st_size, path=str(path)))
    size, requests = sum(part.bytes for part in made), sum(part.requests for part in made)
    return Draft("tickets.csv", requests, size, parts=tuple(made), **more)


def answered(
    services: Services, batch_id: str, *tokens: int, model: str = OPUS, complete: bool = True
) -> None:
    """Put results into the index: an answer of each of these lengths, each for 1,000 tokens of input."""
    lines = []
    for n, output in enumerate(tokens):
        usage = {"input_tokens": 1_000, "output_tokens": output}
        message = {"model": model, "content": [{"type": "text", "text": "x"}], "usage": usage}
        result = {"type": "succeeded", "message": {**message, "stop_reason": "end_turn"}}
        lines.append(json.dumps({"custom_id": f"r{n}", "result": result}).encode() + b"\n")
    with services.store.results.writer(batch_id) as writer:
        writer.add(Indexer().feed(b"".join(lines)))
        if complete:
            writer.finish(complete=True, missing=0, bytes=sum(map(len, lines)))


async def kept(
    services: Services,
    run_id: str,
    *launches: Launch,
    recipe: str = "",
    estimate: Estimate | None = None,
) -> Run:
    """A run in the store, with what it was thought to cost."""
    account = await services.account()
    run = Run(run_id, launches, launches[0].created_at, recipe=recipe)
    await services.store.runs.add(account.id, run)
    if estimate is not None:
        await services.store.runs.estimated(run_id, json.dumps(to_json(estimate)))
    return run


def launch(
    run_id: str, number: int, requests: int, sent_at: datetime | None, state: str = SENT, batch_id: str = ""
) -> Launch:
    """A launch of a run; a draft where it has not been sent."""
    now = datetime.fromisoformat("2026-11-20T12:00:00Z")
    return Launch(
        f"{run_id}-{number}",
        DRAFT if sent_at is None else state,
        "tickets",
        "tickets.csv",
        requests,
        100 * requests,
        f"sha-{run_id}-{number}",
        now,
        sent_at=sent_at,
        batch_id=batch_id or None,
        run_id=run_id,
        part=number,
    )
