"""What the tests of sources share: good requests, and files made of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.hostile import HOSTILE
from tui.model import Draft
from tui.sources import DraftBody, check

Json = dict[str, Any]
SOUND = [text for text in HOSTILE if "\ud800" not in text]


def request(number: int = 1, **changes: Any) -> Json:
    """A good request, with other params."""
    message = {"role": "user", "content": "What is it?"}
    params = {"model": "claude-haiku-5-5", "max_tokens": 10, "messages": [message], **changes}
    return {"custom_id": f"id-{number}", "params": params}


def without(key: str, value: Json) -> Json:
    return {name: each for name, each in value.items() if name != key}


def lines(*values: object) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def checked(folder: Path, content: bytes, name: str = "a.jsonl") -> Draft:
    path = folder / name
    path.write_bytes(content)
    return check(path)


def told(draft: Draft) -> list[str]:
    return [str(problem) for problem in draft.problems]


def sent(draft: Draft) -> Any:
    """What a prepared draft sends, as the service reads it."""
    body = DraftBody(Path(draft.path))
    raw = b"".join(body.chunks())
    assert (len(raw), body.requests) == (body.length, draft.requests)
    assert draft.bytes == body.length
    return json.loads(raw)


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
