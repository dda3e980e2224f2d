"""A line to type into, in which foreign text is as harmless as everywhere else."""

from __future__ import annotations

from textual.widgets import Input

from ..text import clean


class Field(Input):
    """Textual's Input draws its value as it is: what is pasted or preset must not drive the terminal."""

    def validate_value(self, value: str) -> str:
        """Only what can be shown is taken."""
        return clean(value)
