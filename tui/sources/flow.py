"""From a source of any kind to its items, in the source's order: what the draft, its check and a preview read."""

from __future__ import annotations

