"""The texts of a recipe: Jinja2 templates over the columns of a row, whose mistakes are told in our words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Mapping
from types import TracebackType
from typing import Any

from jinja2.exceptions import SecurityError, TemplateRuntimeError, TemplateSyntaxError

from ..basics.items import Finding
from .template_bounds import LONGEST, TooMuch
from .template_sandbox import Absent, Sandbox

ROW = "row"
"""The name under which a template finds the whole row: for columns whose names are no words."""

Writing = Callable[[str], str]
"""How templates write a column of this name."""

_SHOWN = 12
"""Columns that a message names."""
_LONGEST_NAME = 40
_PATIENCE = 3
"""Rows on which a template may run too long: it would on every other one, too."""
_RESERVED = frozenset(
    ("and or not in is if else for true false none True False None self loop range " + ROW).split()
)
_UNQUOTABLE = re.compile(r"[\x00-\x1f\x7f\"\\]")
_RAW = "Text with {{, {% or {# in it stands between {% raw %} and {% endraw %}."


_ENDS = "Each {% if %} ends with {% endif %}, each {% for %} with {% endfor %}."
_COMPLAINTS = (
    (r"^No (filter|test) named '(.*?)'", "there is no {} “{}”", "Leave it out, or prepare the data before."),
    (
        "^expected token 'end of print statement', got (.*)",
        "what stands in {{{{ … }}}} goes on with {} where it should end",
        'A column of several words is written row["Ticket ID"].',
    ),
    ("^unexpected end of template, expected 'end of print", "{{{{ … }}}} is not closed", "Close it with }}."),
    (r"innermost block that needs to be closed is '(\w+)'", "{{% {} %}} is not closed", _ENDS),
    (r"^Encountered unknown tag '(\w+)'", "“{}” does not belong here", _ENDS),
    (
        "^(“.*” is not possible here)",
        "{}",
        "A template may have {{ … }}, {% if %}, {% for %}, {% set %} and {% raw %}.",
    ),
    ("^(it is too long)", "{}", "Make it simpler."),
    ("^(a column “self” .*)", "{}", ""),
)
"""What a message of Jinja's (or of our sandbox's) looks like, and what to say instead."""


class WrongTemplate(Exception):
    """A template that cannot be used: the line in it, what is wrong, and what to do."""

    def __init__(self, line: int, what: str, remedy: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what
        self.remedy = remedy


class NotMade(Exception):
    """A template does not go with a row."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.what)
        self.finding = finding


class Template:
    """One text of a recipe, compiled; not for two threads at once."""

    def __init__(
        self, source: str, name: str, columns: Collection[str] = (), write: Writing | None = None
    ) -> None:
        self._name = name
        self._columns = columns
        self._write = write or written
        self._failures = 0
        sandbox = Sandbox()
        self._meter = sandbox.meter
        try:
            self._template, self.names = sandbox.compiled(source)
        except TemplateSyntaxError as error:
            raise WrongTemplate(error.lineno, *_in_words(error.message or "")) from None
        except (RecursionError, MemoryError, SyntaxError, ValueError, OverflowError):
            raise WrongTemplate(1, "it is nested too deeply", "Make it simpler.") from None

    @property
    def is_constant(self) -> bool:
        """Whether it comes out the same for every row."""
        return not self.names

    def render(self, columns: Mapping[str, Any]) -> str:
        """The text for a row. Raises NotMade."""
        if self._failures >= _PATIENCE:
            raise NotMade(Finding(f"The {self._name} runs too long on the rows before", "Make it simpler."))
        self._meter.reset()
        try:
            return self._text({**columns, ROW: columns})
        except Exception as error:  # whatever an expression of the user's comes to
            self._failures += isinstance(error, TooMuch)
            raise NotMade(self._finding(error, columns)) from None

    def _text(self, variables: dict[str, Any]) -> str:
        parts: list[str] = []
        size = 0
        for part in self._template.root_render_func(self._template.new_context(variables)):
            size += len(part)
            if size > LONGEST:
                raise TooMuch(f"it becomes longer than {LONGEST:,} characters")
            parts.append(part)
        return "".join(parts)

    def _finding(self, error: Exception, columns: Mapping[str, Any]) -> Finding:
        line = self._line(error.__traceback__)
        place = f"Line {line} of the {self._name}"
        if isinstance(error, Absent) and (error.within is None or error.within is columns):
            return self._absent(str(error.name), place, columns)
        if isinstance(error, Absent):
            known = list(error.within) if isinstance(error.within, Mapping) else []
            remedy = f"{place}. {_nearest(str(error.name), known, written)}".strip()
            return Finding(f"There is no “{_short(str(error.name))}”", remedy)
        what = (
            str(error) if isinstance(error, TooMuch | SecurityError | TemplateRuntimeError) else _said(error)
        )
        return Finding(f"The {self._name} cannot be made", f"{place}: {what}.")

    def _absent(self, name: str, place: str, columns: Mapping[str, Any]) -> Finding:
        """The finding for a column that is not there: in this row, or in none."""
        if name in self._columns and name not in columns:
            remedy = (
                f'Others have it: write {{{{ {self._write(name)}|default("") }}}} where it may be missing.'
            )
            return Finding(f"Its column “{_short(name)}” is missing", f"{place}. {remedy}")
        remedy = _nearest(name, self._columns or list(columns), self._write)
        return Finding(f"There is no column “{_short(name)}”", f"{place}. {remedy}".strip())

    def _line(self, traceback: TracebackType | None) -> int:
        """The template's line in which an error came up."""
        line = 1
        while traceback is not None:
            if traceback.tb_frame.f_globals.get("__jinja_template__") is self._template:
                line = self._template.get_corresponding_lineno(traceback.tb_lineno)
            traceback = traceback.tb_next
        return line


def written(name: str) -> str:
    """How a template writes a column: `title`, or `row["Ticket ID"]` where it is no word."""
    if name.isidentifier() and name not in _RESERVED:
        return name
    return f'{ROW}["{_UNQUOTABLE.sub(_escaped, name)}"]'


def _escaped(match: re.Match[str]) -> str:
    return f"\\x{ord(match.group()):02x}" if match.group() not in '"\\' else f"\\{match.group()}"


def listed(columns: Collection[str], write: Writing = written) -> str:
    """`There are: title, row["Ticket ID"] …`, as templates write them."""
    names = [_short(write(name)) for name in list(columns)[:_SHOWN]]
    more = " …" if len(columns) > _SHOWN else "."
    return f"There are: {', '.join(names)}{more}" if names else ""


def _nearest(name: str, columns: Collection[str], write: Writing) -> str:
    """What may have been meant, and what there is."""
    folded = {column.casefold(): column for column in reversed(list(columns))}
    near = difflib.get_close_matches(name.casefold(), list(folded), n=1)
    near = near or [each for each in folded if re.match(re.escape(name.casefold()) + r"\W", each)][:1]
    meant = f"Did you mean {_short(write(folded[near[0]]))}? " if near else ""
    return (meant + listed(columns, write)).strip()


def _in_words(message: str) -> tuple[str, str]:
    """Jinja's complaint about a template, with a remedy."""
    for pattern, what, remedy in _COMPLAINTS:
        if found := re.search(pattern, message):
            return what.format(*found.groups()), remedy
    return message.rstrip(".")[:1].lower() + message.rstrip(".")[1:], _RAW


def _said(error: Exception) -> str:
    return _short(f"{error}".rstrip(".") or type(error).__name__, 200)


def _short(text: str, most: int = _LONGEST_NAME) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
