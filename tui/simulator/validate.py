"""What the service checks at once: the envelope of a create, read one request at a time."""

import json
import re
from collections.abc import Iterator

from .errors import ApiError

MOST_REQUESTS = 100_000
MOST_BYTES = 256_000_000
CUSTOM_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}\Z")

_OPENING = re.compile(r'\s*\{\s*"requests"\s*:\s*\[\s*')
_COMMA = re.compile(r"\s*,\s*")
_CLOSING = re.compile(r"\s*\]\s*\}\s*\Z")
_DECODER = json.JSONDecoder()


def requests_of(body: bytes) -> Iterator[object]:
    """Give the requests of a create's body, each forgotten before the next is read.

    A body of 256 MB would take gigabytes as one Python value; an unusual one is read whole all the same.
    """
    text = _text(body)
    opening = _OPENING.match(text)
    if opening is None or _CLOSING.match(text, opening.end()):
        yield from _whole(text)
        return
    position = opening.end()
    while True:
        try:
            item, position = _DECODER.raw_decode(text, position)
        except ValueError as error:
            raise ApiError(400, f"The request body is not valid JSON: {error}") from None
        yield item
        comma = _COMMA.match(text, position)
        if comma is None:
            break
        position = comma.end()
    if not _CLOSING.match(text, position):
        # Either broken, or with further keys after the list: the strict reader tells which.
        for _ in _whole(text):
            pass


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise ApiError(
            400, "The request body is not valid UTF-8.", code="request_body_encoding_invalid"
        ) from None


def _whole(text: str) -> Iterator[object]:
    try:
        envelope = json.loads(text)
    except ValueError as error:
        raise ApiError(400, f"The request body is not valid JSON: {error}") from None
    if not isinstance(envelope, dict):
        raise ApiError(400, "Input should be a valid dictionary")
    if "requests" not in envelope:
        raise ApiError(400, "requests: Field required")
    for key in envelope:
        if key != "requests":
            raise ApiError(400, f"{key}: Extra inputs are not permitted")
    if not isinstance(envelope["requests"], list):
        raise ApiError(400, "requests: Input should be a valid list")
    yield from envelope["requests"]


class Checker:
    """Checks one request after the other, and what only all of them together can break."""

    def __init__(self, accept_duplicates: bool = False) -> None:
        self.accept_duplicates = accept_duplicates
        self.seen: dict[str, int] = {}
        self.count = 0

    def check(self, item: object) -> tuple[str, dict[str, object]]:
        """Give the custom_id and params of a request; raises the 400 that the service would send."""
        place = f"requests.{self.count}"
        self.count += 1
        if not isinstance(item, dict):
            raise ApiError(400, f"{place}: Input should be a valid dictionary")
        for key in ("custom_id", "params"):
            if key not in item:
                raise ApiError(400, f"{place}.{key}: Field required")
        for key in item:
            if key not in ("custom_id", "params"):
                raise ApiError(400, f"{place}.{key}: Extra inputs are not permitted")
        custom_id = self._custom_id(item["custom_id"], f"{place}.custom_id")
        if not isinstance(item["params"], dict):
            raise ApiError(400, f"{place}.params: Input should be a valid dictionary")
        return custom_id, item["params"]

    def _custom_id(self, value: object, place: str) -> str:
        if not isinstance(value, str):
            raise ApiError(400, f"{place}: Input should be a valid string")
        if not value:
            raise ApiError(400, f"{place}: String should have at least 1 character")
        if len(value) > 64:
            raise ApiError(400, f"{place}: String should have at most 64 characters")
        if not CUSTOM_ID.match(value):
            raise ApiError(400, f"{place}: String should match pattern '^[a-zA-Z0-9_-]{{1,64}}$'")
        first = self.seen.setdefault(value, self.count - 1)
        if first != self.count - 1 and not self.accept_duplicates:
            raise ApiError(400, f"{place}: Value should be unique, but equals requests.{first}.custom_id")
        return value

    def finish(self) -> None:
        """Check the number of requests."""
        if self.count == 0:
            raise ApiError(400, "requests: List should have at least 1 item after validation, not 0")
        if self.count > MOST_REQUESTS:
            most = f"List should have at most {MOST_REQUESTS} items after validation, not {self.count}"
            raise ApiError(400, f"requests: {most}")
