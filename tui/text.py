"""Text for people: foreign text made harmless, and humane sizes, ages and durations."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 and C1 controls, DEL; tab and line feed are dealt with apart
    "\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # invisible and bidi controls
    "\ud800-\udfff"  # lone surrogates: a terminal's UTF-8 encoder would raise
    "\U000e0000-\U000e007f]"  # tags: text nobody sees
)
_BREAKS = re.compile(r"[\t\n]+ *")
_SURROGATES = re.compile("[\ud800-\udfff]")


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    # A joiner holds emoji and Indic letters together and cannot do harm.
    return match.group() if code in (0x200C, 0x200D) else "\ufffd"


def sound(text: str) -> str:
    """The same text without lone surrogates: nothing else keeps a string from being encoded and stored."""
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def clean(text: str) -> str:
    """Foreign text for one line of a terminal: no control, bidi or invisible character, no line break."""
    return _BREAKS.sub(" ", _UNSAFE.sub(_visible, text.replace("\r\n", "\n").replace("\u2028", "\n")))


def clean_block(text: str) -> str:
    """Foreign text for several lines: line breaks stay, tabs become spaces, the rest as `clean`."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return _UNSAFE.sub(_visible, unified.expandtabs(4))


def escaped(text: str) -> str:
    """Foreign text for a pager: line breaks and tabs stay, what could drive a terminal is written `\\uXXXX`.

    JSON stays JSON, and says the same.
    """
    return _UNSAFE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code in (0x200C, 0x200D):
        return match.group()
    if code > 0xFFFF:  # JSON writes these as a pair
        high, low = divmod(code - 0x10000, 0x400)
        return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
    return f"\\u{code:04x}"


def count(number: int) -> str:
    """1234567 → `1,234,567`."""
    return f"{number:,}"


def compact(number: int) -> str:
    """At most five characters: 999, 1.2k, 45k, 100k, 1.2M."""
    if number < 1000:
        return str(number)
    for unit, size in (("k", 1_000), ("M", 1_000_000), ("G", 1_000_000_000)):
        value = number / size
        if value < 9.95:
            return f"{value:.1f}".removesuffix(".0") + unit
        if value < 999.5 or unit == "G":
            return f"{value:.0f}{unit}"
    raise AssertionError("the last unit always returns")


def size(number: float) -> str:
    """Bytes in decimal units, as the API's limits are meant: `812 B`, `2.1 MB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if number < 999.5 or unit == "GB":
            return f"{number:.0f} {unit}" if unit == "B" or number >= 99.5 else f"{number:.1f} {unit}"
        number /= 1000
    raise AssertionError("the last unit always returns")


def apart(length: timedelta) -> str:
    """How far two moments lie apart, whichever is the earlier: `12 s`, `3m`, `2h 05m`."""
    seconds = abs(length.total_seconds())
    return f"{seconds:.0f} s" if seconds < 60 else duration(abs(length))


def duration(span: timedelta) -> str:
    """The two largest units at most: `<1m`, `12m`, `3h 05m`, `2d 4h`, `29d`."""
    minutes = max(int(span.total_seconds()), 0) // 60
    if minutes < 1:
        return "<1m"
    if minutes < 60:
        return f"{minutes}m"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours}h {minutes:02}m"
    days, hours = divmod(hours, 24)
    return f"{days}d {hours}h" if days < 10 and hours else f"{days}d"


def moment(when: datetime, now: datetime) -> str:
    """Local time, no longer than needed: `14:02` today, `Nov 21 14:02` this year, `2025-11-21` before."""
    here, today = when.astimezone(), now.astimezone()
    if here.date() == today.date():
        return here.strftime("%H:%M")
    if here.year == today.year or today - here < timedelta(days=180):
        return here.strftime("%b %d %H:%M")
    return here.strftime("%Y-%m-%d")


def full_moment(when: datetime) -> str:
    """Local date, time and zone, to the second."""
    return when.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")


def begun(text: str) -> str:
    """A text at the beginning of a sentence; only its first letter is made a capital."""
    return text[:1].upper() + text[1:]


def plural(number: int, noun: str) -> str:
    """`1 batch`, `2 batches`, `1,204 requests`."""
    if number == 1:
        return f"1 {noun}"
    ending = "es" if noun.endswith(("ch", "s", "sh", "x")) else "s"
    return f"{number:,} {noun}{ending}"
