"""Finding a text or a regular expression in what the answers of a results file say.

What counts is the decoded text (`texts`), never how the file happens to write it. Decoding everything would
take seconds, so the bytes are looked through first (`probe`), for pieces without which no line can match, and
only the lines that hold one are decoded.
"""

from __future__ import annotations

from .matching import Matcher, TooSlow, spans
from .scanning import Found, scan, scan_file
from .texts import said

__all__ = ["Found", "Matcher", "TooSlow", "said", "scan", "scan_file", "spans"]
