"""An account in which every text that others can choose is one of the hostile strings."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.hostile import HOSTILE
from tui.handlers import Services
from tui.model import Launch, utc_now
from tui.simulator import Simulator
from tui.simulator.batch import Batch
from tui.text import sound

HOUR = timedelta(hours=1)

Json = dict[str, Any]


def succeeded(text: str) -> Json:
    """A result in which the string stands wherever an answer can hold one."""
    blocks: list[Json] = [
        {"type": "text", "text": text, "citations": [{"type": text, "title": text, "cited_text": text}]},
        {"type": "thinking", "thinking": text},
        {"type": "tool_use", "id": text, "name": text, "input": {text: [text]}},
        {"type": text, text: text},
    ]
    message = {
        "model": text,
        "stop_reason": text,
        "stop_details": {"type": text, "category": text, "explanation": text},
        "content": blocks,
        "usage": {"input_tokens": 1, "output_tokens": 2, text or "-": 3},
    }
    return {"custom_id": text, "result": {"type": "succeeded", "message": message}}


def errored(text: str) -> Json:
    """The same of an error."""
    error = {"type": "error", "error": {"type": text, "message": text}, "request_id": text}
    return {"custom_id": text, "result": {"type": "errored", "error": error}}


def everything() -> bytes:
    """One answer that holds all of the strings in all of their places."""
    whole = succeeded("everything")
    whole["result"]["message"]["content"] = [
        block for text in HOSTILE for block in succeeded(text)["result"]["message"]["content"]
    ]
    return json.dumps(whole).encode()


def result_lines() -> list[bytes]:
    """All strings in one answer; each as an answer, an error, an outcome, and a line that is no JSON."""
    lines = [everything()]
    lines += [json.dumps(make(text)).encode() for make in (succeeded, errored) for text in HOSTILE]
    lines += [json.dumps({"custom_id": text, "result": {"type": text}}).encode() for text in HOSTILE]
    bare = [text for text in HOSTILE if text.strip() and "\n" not in text]
    lines += [text.encode("utf-8", "replace") for text in bare]
    return [*lines, b"\xff\x1b]52;c;SGVsbG8=\x07\xfe"]


def with_results(simulator: Simulator) -> Batch:
    """An ended batch with these results."""
    lines = result_lines()
    batch = simulator.invent([("prose", len(lines))])
    simulator.replace_results(batch.id, [line + b"\n" for line in lines])
    return batch


def with_hostile_ids(simulator: Simulator, *, live: bool = False) -> list[Batch]:
    """A batch for each string that can be an id; newest first in the strings' order."""
    made = []
    for number, text in enumerate(text for text in HOSTILE if text):
        now = simulator.clock()
        batch = simulator.invent(
            [("prose", 2)], created_at=now - number * HOUR / 60, ends_at=now + HOUR if live else None
        )
        del simulator.account.batches[batch.id]
        batch.id = text
        made.append(simulator.account.add(batch))
    return made


async def labelled(services: Services, simulator: Simulator) -> list[str]:
    """A batch labelled with each string, newest first in the strings' order; gives their ids."""
    ids = []
    for number, text in enumerate(HOSTILE):
        batch = simulator.invent([("prose", 2)], created_at=simulator.clock() - number * HOUR / 60)
        await services.store.batches.label(batch.id, sound(text))
        ids.append(batch.id)
    return ids


async def launched(services: Services, simulator: Simulator, name: str) -> None:
    """A batch that was launched from a file of this name."""
    account = await services.sync.start()
    launch = next(launch for launch in _launches() if launch.name == sound(name))
    batch = simulator.invent([("prose", 2)])
    await services.store.launches.add(account.id, launch)
    await services.store.launches.start(launch.id, utc_now(), again=False)
    await services.api.load()
    seen = await services.api.retrieve(batch.id)
    await services.store.launches.sent(launch.id, account.id, seen, utc_now())


async def unclear(services: Services) -> int:
    """Launches with an unclear end, of which each string is name, source, model and problem."""
    account = await services.sync.start()
    for launch in _launches():
        await services.store.launches.add(account.id, launch)
        await services.store.launches.start(launch.id, utc_now(), again=False)
        await services.store.launches.uncertain(launch.id, launch.problem)
    return len(await services.store.launches.unfinished(account.id))


def _launches() -> list[Launch]:
    return [
        Launch(
            id=f"launch-{number:02}",
            state="draft",
            name=text,
            source=f"/tmp/{text}",
            requests=2,
            bytes=100,
            sha256=f"{number:064}",
            created_at=utc_now(),
            models=((text, 2),),
            problem=text,
        )
        for number, text in enumerate(map(sound, HOSTILE))
    ]


def files(folder: Path) -> list[Path]:
    """A good source under every name that a file can have."""
    made = []
    for text in HOSTILE:
        name = sound(text).replace("/", "∕").replace("\0", "")[:80].strip()
        if name:
            path = folder / f"{name}.jsonl"
            path.write_text(json.dumps(request(text)) + "\n", encoding="utf-8")
            made.append(path)
    return made


def request(text: str) -> Json:
    """A good request about a hostile string."""
    messages = [{"role": "user", "content": sound(text)}]
    params = {"model": "claude-haiku-5-5", "max_tokens": 8, "messages": messages}
    return {"custom_id": "r-1", "params": params}


def problems(folder: Path) -> Path:
    """A source in which each string is wrong in many ways."""
    path = folder / "wrong.jsonl"
    lines = [json.dumps({"custom_id": text, "params": {"model": text}, text: text}) for text in HOSTILE]
    lines += [json.dumps({"custom_id": f"r-{n}", "params": {text: text}}) for n, text in enumerate(HOSTILE)]
    lines += [text.replace("\n", " ") for text in map(sound, HOSTILE) if "\0" not in text]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path
