"""Identifiers that look like the service's and are the same for the same seed."""

import hashlib
import uuid

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
SIZE = len(PAIRS)
MASK = (1 << 64) - 1


def digest(*parts: object) -> int:
    """Make a 128-bit number of any parts, the same in every run."""
    text = "\x1f".join(str(part) for part in parts)
    raw = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(raw, digest_size=16).digest(), "big")


def identifier(prefix: str, *parts: object) -> str:
    """Make an id such as `msgbatch_01…` with 22 further characters."""
    return f"{prefix}{spell(digest(prefix, *parts))}"


def batch_uuid(*parts: object) -> str:
    """Make an id as some gateways do: `msgbatch_` and a UUID."""
    return f"msgbatch_{uuid.UUID(int=digest(*parts), version=4)}"


def spell(number: int) -> str:
    """Spell a 128-bit number in 22 letters and digits; two at a time, as this runs for every result line."""
    letters = []
    for _ in range(11):
        number, rest = divmod(number, SIZE)
        letters.append(PAIRS[rest])
    return "".join(letters)


def mix(number: int) -> int:
    """Scatter a number over 64 bits: far cheaper than a hash where nobody is an adversary."""
    number = (number + 0x9E3779B97F4A7C15) & MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & MASK
    return number ^ (number >> 31)
