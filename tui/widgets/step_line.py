"""Where one is on the way: `[Choose] › Recipe › Check › Send`."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content


def step_line(title: str, steps: Sequence[str], current: str) -> Content:
    """The title and all steps; the current one in brackets, those that are done with a sign."""
    parts: list[Content] = []
    place = steps.index(current) if current in steps else len(steps)
    for number, step in enumerate(steps):
        if number == place:
            parts.append(Content.styled(f"[{step.capitalize()}]", "bold $text-primary"))
        else:
            done = "✓ " if number < place else ""
            parts.append(Content.styled(done + step.capitalize(), "dim"))
    return Content.assemble((title, "bold"), "   ", Content.styled(" › ", "dim").join(parts))
