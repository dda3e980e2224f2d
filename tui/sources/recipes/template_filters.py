"""The filters of templates: those whose answers follow from what they are given, each of them paid for."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from jinja2.exceptions import TemplateRuntimeError
from jinja2.filters import FILTERS

from .template_bounds import Meter, joined, json_of, text_of, weighed

Filter = Callable[..., Any]

LOOP = " loop"
JOINED = " joined"
BUILT = " built"
READ = " read"
"""Names that no template can write, for what loops, `~`, lists and `in` are compiled to."""

_OF_TEXTS = "capitalize lower title trim truncate upper urlencode wordcount"
_OF_VALUES = """
abs count d default dictsort filesizeformat first float groupby int items last length list map max min reject
rejectattr reverse select selectattr sort sum unique
"""
"""Jinja's own. Nothing random, nothing that pads to any width, nothing for web pages."""

_WIDEST = 1_000
_WIDTH = re.compile(r"\*|\d{4}")
_TAG = re.compile(r"<!--[\s\S]*?(?:-->|\Z)|<[^<>]*>")


def all_of(meter: Meter) -> dict[str, Filter]:
    """Every filter by its name."""
    ours: dict[str, Filter] = {
        "e": _escape,
        "escape": _escape,
        "format": _format,
        "indent": _indent,
        "join": _join,
        "replace": replaced,
        "round": _round,
        "string": text_of,
        "striptags": _striptags,
        "tojson": _tojson,
        BUILT: _built,
        JOINED: _joined,
        LOOP: _loop,
        READ: read,
    }
    return {
        **{name: _metered(meter, FILTERS[name], is_text=True) for name in _OF_TEXTS.split()},
        **{name: _metered(meter, FILTERS[name], is_text=False) for name in _OF_VALUES.split()},
        **{name: partial(function, meter) for name, function in ours.items()},
    }


def _metered(meter: Meter, function: Filter, *, is_text: bool) -> Filter:
    """A filter of Jinja's that pays for what it reads and makes."""
    at = 1 if hasattr(function, "jinja_pass_arg") else 0  # before the value stands what Jinja hands over

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        value = text_of(meter, args[at]) if is_text else args[at]
        meter.take(value)
        made = function(*args[:at], value, *args[at + 1 :], **kwargs)
        return meter.made(str(made) if isinstance(made, str) else made)

    return run


def replaced(meter: Meter, value: Any, old: str, new: str, count: int | None = None) -> str:
    """The text with one part of it replaced by another."""
    text = text_of(meter, value)
    meter.take(text)
    found = text.count(old)
    if count is not None and count >= 0:
        found = min(found, count)
    meter.allow(len(text) + found * len(new))
    return meter.made(text.replace(old, new, found))


def formatted(meter: Meter, pattern: str, values: Any) -> str:
    """`"%.2f" % price`: the pattern filled in, if it says no great width."""
    if _WIDTH.search(pattern):
        raise TemplateRuntimeError(f"a format may be {_WIDEST - 1} characters wide at most")
    meter.allow(pattern.count("%") * (weighed(meter, values) + _WIDEST))
    filled: str = pattern % values
    return meter.made(filled)


def _format(meter: Meter, value: Any, *args: Any, **kwargs: Any) -> str:
    return formatted(meter, text_of(meter, value), kwargs or args)


def _escape(meter: Meter, value: Any) -> str:
    """For prompts in XML: `<`, `>`, `&` and quotes as entities."""
    text = text_of(meter, value)
    meter.take(text)
    return meter.made(html.escape(text))


def _striptags(meter: Meter, value: Any) -> str:
    """The text of a page, its white space in order."""
    text = text_of(meter, value)
    meter.take(text)
    return meter.made(" ".join(html.unescape(_TAG.sub("", text)).split()))


def _indent(meter: Meter, value: Any, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
    text = text_of(meter, value)
    meter.take(text)
    wide = len(width) if isinstance(width, str) else width
    meter.allow(len(text) + wide * (len(text.splitlines()) + 1))
    indented: str = FILTERS["indent"](text, width, first, blank)
    return meter.made(indented)


def _join(meter: Meter, value: Any, d: Any = "", attribute: Any = None) -> str:
    if attribute is not None:
        raise TemplateRuntimeError("“join” takes no attribute here: write map(attribute=…)|join")
    meter.take(value)
    return joined(meter, text_of(meter, d), value)


def _round(meter: Meter, value: Any, precision: int = 0, method: str = "common") -> Any:
    meter.step()
    return FILTERS["round"](value, max(min(precision, 100), -100), method)


def _tojson(meter: Meter, value: Any, indent: int | None = None) -> str:
    return json_of(meter, value, None if indent is None else max(min(indent, 8), 0))


def read(meter: Meter, value: Any) -> Any:
    """The value, which something will go over."""
    meter.take(value)
    return value


def _built(meter: Meter, value: Any) -> Any:
    """A list or an object of the template's own: lists in lists could be larger than anything."""
    meter.allow(weighed(meter, value))
    return value


def _joined(meter: Meter, values: tuple[Any, ...]) -> str:
    return joined(meter, "", values)


def _loop(meter: Meter, values: Any) -> Any:
    """The values of a loop, each of them paid for."""
    for value in values:
        meter.step()
        yield value
