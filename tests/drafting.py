"""What the tests of sources share: good requests, and files made of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.hostile import HOSTILE
from tui.model import NO_SAMPLE, PLAIN, Draft, Making, Sample
from tui.sources import DraftBody, check, prepare

Json = dict[str, Any]
SOUND = [text for text in HOSTILE if "\ud800" not in text]


def request(number: int | str = 1, **changes: Any) -> Json:
    """A good request, with other params."""
    message = {"role": "user", "content": "What is it?"}
    params = {"model": "claude-haiku-5-5", "max_tokens": 10, "messages": [message], **changes}
    return {"custom_id": f"id-{number}", "params": params}


def without(key: str, value: Json) -> Json:
    return {name: each for name, each in value.items() if name != key}


def lines(*values: object) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def checked(folder: Path, content: bytes, name: str = "a.jsonl", making: Making = PLAIN) -> Draft:
    path = folder / name
    path.write_bytes(content)
    return check([path], making)


def drafts(folder: Path) -> Callable[[int], Path]:
    """Where parts go: `draft-1.jsonl` and so on."""
    return lambda number: folder / f"draft-{number}.jsonl"


def saved(source: Path, making: Making = PLAIN, sample: Sample = NO_SAMPLE) -> Draft:
    """The drafts of a source, written beside it."""
    return prepare([source], drafts(source.parent), making, sample=sample)


def told(draft: Draft) -> list[str]:
    return [str(problem) for problem in draft.problems]


def sent(draft: Draft) -> Any:
    """What a prepared draft of one part sends, as the service reads it."""
    (part,) = draft.parts
    assert (part.path, part.sha256, part.sample) == (draft.path, draft.sha256, False)
    (body,) = bodies(draft)
    return body


def bodies(draft: Draft) -> list[Any]:
    """What each part of a prepared draft sends, as the service reads it."""
    found = []
    for part in draft.parts:
        body = DraftBody(Path(part.path))
        raw = b"".join(body.chunks())
        assert (len(raw), body.requests) == (body.length, part.requests)
        assert part.bytes == body.length
        assert hashlib.sha256(Path(part.path).read_bytes()).hexdigest() == part.sha256
        found.append(json.loads(raw))
    assert draft.requests == sum(len(body["requests"]) for body in found)
    assert draft.bytes == sum(part.bytes for part in draft.parts)
    return found


TWO = [request(1), request(2)]
PRETTY = json.dumps(TWO, indent=2).encode()

SHAPES = {
    "lines": lines(*TWO),
    "no final line feed": lines(*TWO).rstrip(),
    "crlf": lines(*TWO).replace(b"\n", b"\r\n"),
    "blank lines": b"\n \r\n" + lines(TWO[0]) + b"\n\t\n" + lines(TWO[1]) + b"\n\n",
    "byte order mark": b"\xef\xbb\xbf" + lines(*TWO),
    "spaces around": b"  " + lines(*TWO).replace(b"\n", b"  \n\t"),
    "array": json.dumps(TWO).encode(),
    "pretty array": PRETTY,
    "pretty array with crlf": PRETTY.replace(b"\n", b"\r\n"),
    "array with a byte order mark": b"\xef\xbb\xbf\n" + PRETTY,
    "array of params first": json.dumps([dict(reversed(each.items())) for each in TWO]).encode(),
    "array in blank lines": b"\n\n[\n\n" + b"\n,\n\n".join(lines(each) for each in TWO) + b"\n]\n\n",
    "side by side": lines(*TWO).replace(b"\n", b""),
    "pretty objects": b"\n".join(json.dumps(each, indent=1).encode() for each in TWO),
}
