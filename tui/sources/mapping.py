"""Ready-made requests with illegal or repeated custom_ids: they get legal ones of their own, on request."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ..model import MAP
from .basics.items import Item
from .basics.naming import Namer


class _Named(msgspec.Struct, gc=False):
    custom_id: str


_named = msgspec.json.Decoder(_Named).decode
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Mapper:
    """Renames what has to be renamed; everything else stays, byte for byte."""

    def __init__(self) -> None:
        self._namer = Namer(MAP)

    def items(self, items: Iterator[Item]) -> Iterator[Item]:
        """The same items in their order, with ids that the service takes."""
        for number, item in enumerate(items, 1):
            try:
                yield self._renamed(item, number)
            except (msgspec.DecodeError, UnicodeError, RecursionError):
                yield item  # the check says what is wrong with it

    def _renamed(self, item: Item, number: int) -> Item:
        wanted, is_text = _wanted(item.raw)
        custom_id, made = self._namer.name(wanted, number)
        if is_text and not made:
            return item
        members = {"custom_id": msgspec.Raw(), **_members(item.raw)}
        members["custom_id"] = msgspec.Raw(msgspec.json.encode(custom_id))
        named = str(number) if wanted is None else wanted
        return item._replace(raw=msgspec.json.encode(members), named=named, column=None)


def _wanted(raw: bytes) -> tuple[str | None, bool]:
    """What the source calls a request, None for nothing at all; and whether that is text, as it has to be."""
    try:
        return _named(raw).custom_id, True
    except msgspec.ValidationError:
        given = _members(raw).get("custom_id")
    if given is None or bytes(given) == b"null":
        return None, False
    return bytes(given).decode(), False
