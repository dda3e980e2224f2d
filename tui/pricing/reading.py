"""Price lists on disk: the one that comes with the program, and the user's own, checked key by key."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from ..text import clean
from .rates import ModelPrice, Prices, Rate

SHIPPED = Path(__file__).with_name("prices.toml")

MOST_BYTES = 1 << 20
"""A price list larger than this is some other file."""
HIGHEST = Decimal(1_000_000)
LOWEST = Decimal("1e-9")
TOKENS = 1_000_000
CURRENCY = "USD"

_FACTORS = {"cache_write_5m": Decimal("1.25"), "cache_write_1h": Decimal(2), "cache_read": Decimal("0.1")}
"""Of the input price, where a model has no cache prices of its own (price page)."""
_FILE_KEYS = ("date", "currency", "tokens", "batch_factor", "us_factor", "web_search", "models")
_MODEL_KEYS = (*Rate._fields, "long", "us", "aliases", "doubt")

Table = Mapping[str, Any]


class _Wrong(Exception):
    """One thing in a file: its key, what is wrong with it, and what to do."""


def load(user_file: Path | None = None) -> Prices:
    """The shipped prices with the user's file laid over them; where that is wrong, `problems` says why.

    All of the user's file counts, or nothing of it: half of a list would price one run by two of them.
    """
    shipped = _laid(_table(SHIPPED.read_bytes()), None)
    if user_file is None:
        return shipped
    try:
        raw = _read(user_file)
        return shipped if raw is None else replace(_laid(_table(raw), shipped), own=True)
    except _Wrong as wrong:
        said = clean(f"{user_file}: {wrong}")
        return replace(shipped, problems=(f"{said} Until then the prices of {shipped.date} count.",))


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a file name"
        raise _Wrong(f"cannot be read: {reason}. Make it readable, or move it away.") from None
    if len(raw) > MOST_BYTES:
        raise _Wrong("too large for a price list. Move it away.")
    return raw


def _table(raw: bytes) -> Table:
    try:
        return tomllib.loads(raw.decode("utf-8-sig"), parse_float=_decimal)
    except UnicodeDecodeError:
        raise _Wrong("not UTF-8 text. Save it as UTF-8.") from None
    except RecursionError:
        raise _Wrong("nested too deeply for a price list. Move it away.") from None
    except ValueError as error:  # TOML's own complaint, or a number of thousands of digits
        raise _Wrong(f"not valid TOML: {error}. A price looks like `input = 3.00`.") from None


def _decimal(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation:  # an exponent beyond anything
        return Decimal("NaN")


def _laid(table: Table, below: Prices | None) -> Prices:
    """The prices of a file, over those of another."""
    _known(table, _FILE_KEYS, "")
    _stated(table, "currency", CURRENCY)
    _stated(table, "tokens", TOKENS)
    models = {} if below is None else dict(below.models)
    for name, value in _prices(table.get("models", {}), "models", "[models.NAME]").items():
        place = f"models.{name}"
        before = below.model(name) if below else None
        if before and name not in models:  # until now another name of a model: from now on a model itself
            before = replace(before, aliases=())
        models[name] = _model(_prices(value, place, f"[{place}]"), place, before)
    _distinct(models)
    return Prices(
        date=_date(table["date"]) if "date" in table or below is None else below.date,
        models=models,
        batch_factor=_asked(table, "batch_factor", below, Decimal(1)),
        us_factor=_asked(table, "us_factor", below, Decimal(100)),
        web_search=_asked(table, "web_search", below, HIGHEST),
    )


def _asked(table: Table, key: str, below: Prices | None, most: Decimal) -> Decimal:
    if key not in table and below is not None:
        value: Decimal = getattr(below, key)
        return value
    return _number(table[key], key, most)


def _model(table: Table, place: str, below: ModelPrice | None) -> ModelPrice:
    """A model's price; what the table leaves out is as it was before."""
    _known(table, _MODEL_KEYS, place)
    rate = _rate(table, place, below.rate if below else None)
    long = below.long if below else None
    if "long" in table:
        place_of_long = f"{place}.long"
        value = _prices(table["long"], place_of_long, f"[{place_of_long}]")
        _known(value, Rate._fields, place_of_long)
        long = _rate(value, place_of_long, long)
    return ModelPrice(
        rate=rate,
        long=long,
        us=_flag(table, place, below.us if below else False),
        aliases=_aliases(table, place) or (below.aliases if below else ()),
        # Whoever states a price does not doubt it.
        doubt=_word(table.get("doubt", ""), f"{place}.doubt"),
    )


def _rate(table: Table, place: str, below: Rate | None) -> Rate:
    for key in ("input", "output"):
        if key not in table and below is None:
            raise _Wrong(f"{place}: there is no `{key}` price. Write for example `{key} = 3.00`.")
    given = {key: _number(table[key], f"{place}.{key}", HIGHEST) for key in Rate._fields if key in table}
    if below is not None:
        return below._replace(**given)
    derived = {key: given["input"] * factor for key, factor in _FACTORS.items()}
    return Rate(**{**derived, **given})


def _number(value: object, place: str, most: Decimal) -> Decimal:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        number = Decimal(value)
        if number.is_finite() and (number == 0 or LOWEST <= number <= most):
            return number
    raise _Wrong(f"{place}: must be a number from 0 to {most:,f}. Write for example `{_last(place)} = 0.5`.")


def _last(place: str) -> str:
    return place.rpartition(".")[2]


def _date(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise _Wrong("date: must be a day. Write for example `date = 2026-11-22`, without quotation marks.")


def _stated(table: Table, key: str, only: object) -> None:
    if key in table and table[key] != only:
        raise _Wrong(f"{key}: must be `{only}`, for prices are dollars per {TOKENS:,} tokens. Convert them.")


def _flag(table: Table, place: str, otherwise: bool) -> bool:
    value = table.get("us", otherwise)
    if not isinstance(value, bool):
        raise _Wrong(f"{place}.us: must be true or false. Write for example `us = true`.")
    return value


def _aliases(table: Table, place: str) -> tuple[str, ...]:
    value = table.get("aliases", [])
    if not isinstance(value, list) or not all(isinstance(name, str) and name for name in value):
        raise _Wrong(f'{place}.aliases: must be a list of names. Write for example `aliases = ["mine"]`.')
    return tuple(value)


def _word(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise _Wrong(f'{place}: must be text in quotation marks. Write for example `doubt = "by word"`.')
    return value


def _prices(value: object, place: str, head: str) -> Table:
    if isinstance(value, dict):
        return value
    raise _Wrong(f"{place}: must be a table. Write `{head}`, and below it lines such as `input = 3.00`.")


def _known(table: Table, known: Collection[str], place: str) -> None:
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            remedy = f"Did you mean `{near[0]}`?" if near else f"Known are {', '.join(known)}."
            raise _Wrong(f"{place}.{key}".lstrip(".") + f": there is no such key. {remedy}")


def _distinct(models: Mapping[str, ModelPrice]) -> None:
    taken: dict[str, str] = {}
    for name, model in models.items():
        for alias in model.aliases:
            if taken.setdefault(alias, name) != name:
                raise _Wrong(
                    f"models.{name}.aliases: {alias} is also a name of {taken[alias]}."
                    " Take it out of one of them."
                )
