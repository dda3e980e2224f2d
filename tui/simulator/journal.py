"""What was done to an account, line by line in a file, so that a later run can do it again."""

import json
from datetime import datetime, timedelta
from pathlib import Path

from .account import Account
from .batch import Batch
from .moments import read, written
from .work import Asked, Launched


class Journal:
    """An append-only JSONL file; every line is one event with its moment."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def events(self) -> list[dict[str, object]]:
        """Read the events; a last line torn by a crash is cut off, anything else odd raises ValueError."""
        if not self.path.exists():
            return []
        lines = self.path.read_bytes().split(b"\n")
        if torn := lines.pop():
            with self.path.open("r+b") as file:
                file.truncate(self.path.stat().st_size - len(torn))
        events = [json.loads(line) for line in lines]
        if not all(isinstance(event, dict) and "kind" in event for event in events):
            raise ValueError(f"{self.path} is not a journal")
        return events

    def append(self, kind: str, at: datetime, **facts: object) -> None:
        """Write one event."""
        line = json.dumps({"kind": kind, "at": written(at), **facts}, separators=(",", ":"))
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def created(self, batch: Batch, requests: list[Asked]) -> None:
        """Write down a new batch, its requests reduced to their facts."""
        self.append(
            "create", batch.created_at, id=batch.id, ends_at=written(batch.ends_at), requests=requests
        )


def replay(events: list[dict[str, object]], account: Account, canceling: timedelta) -> int:
    """Do the creates, cancels and deletes of a journal again; tells how many batches were created."""
    created = 0
    for event in events:
        id, at = str(event.get("id")), read(str(event["at"]))
        if event["kind"] == "create":
            account.add(_batch(event))
            created += 1
        elif event["kind"] == "cancel" and id in account.batches:
            account.batches[id].cancel(at, canceling)
        elif event["kind"] == "delete":
            account.batches.pop(id, None)
    return created


def _batch(event: dict[str, object]) -> Batch:
    requests = event["requests"]
    if not isinstance(requests, list):
        raise ValueError("a created batch without its requests")
    asked = [Asked(*facts) for facts in requests]
    return Batch(str(event["id"]), read(str(event["at"])), Launched(asked), read(str(event["ends_at"])))
