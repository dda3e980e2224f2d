"""A record of every request, so that a test can say what reached the service."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from .asgi import Request

SECRET = re.compile(r"key|token|secret|cookie|authorization", re.IGNORECASE)


@dataclass(slots=True)
class Entry:
    """One request and the status it got; 0 if the line was dropped instead."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    length: int = 0
    sha256: str = ""
    status: int = 0

    def took(self, body: bytes) -> None:
        """Note the request's body."""
        self.length = len(body)
        self.sha256 = hashlib.sha256(body).hexdigest()


class Log:
    """The requests in the order of their arrival."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def begin(self, request: Request) -> Entry:
        """Note a request as soon as its head is known; credentials are reduced to their scheme."""
        headers = {name: _without_secret(name, value) for name, value in request.headers.items()}
        entry = Entry(request.method, request.path, request.query, headers)
        self.entries.append(entry)
        return entry

    def matching(self, method: str, path: str = "*") -> list[Entry]:
        """The requests of a method whose path fits a pattern such as `/v1/messages/batches/*`."""
        return [each for each in self.entries if each.method == method and fnmatchcase(each.path, path)]

    def clear(self) -> None:
        """Forget everything so far."""
        self.entries.clear()


def _without_secret(name: str, value: str) -> str:
    if not SECRET.search(name):
        return value
    return value.split()[0] if name == "authorization" and " " in value else "…"
