"""How requests are made of a source: recipes, what the user says about a source, samples, changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REQUESTS = "requests"
BODIES = "bodies"
OPENAI = "openai"
TABLE = "table"
RECORDS = "records"
FILES = "files"
KINDS = (REQUESTS, BODIES, OPENAI, TABLE, RECORDS, FILES)
"""What a source may be: ready-made requests; Messages bodies without an envelope; an OpenAI batch (with or
without its envelope); CSV or TSV; any JSON objects; files of text, PDF and images, one request each."""
NEEDS_RECIPE = frozenset({TABLE, RECORDS, FILES})
"""Kinds whose rows only a recipe makes requests of."""

REFUSE = "refuse"
MAP = "map"

MOST_REQUESTS = 100_000
"""Per batch (API documentation)."""
MOST_BYTES = 256_000_000
"""Per body; the documentation says 256 MB and leaves open which: the smaller reading is safe."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to make a request of a row: texts are templates over its columns; empty fields say nothing."""

    model: str = ""
    max_tokens: int = 0
    prompt: str = ""
    system: str = ""
    custom_id: str = ""
    """A template, such as `{{ ticket_id }}`; without one, ids are made of the row's number."""
    tools: tuple[Mapping[str, Any], ...] = ()
    tool_choice: Mapping[str, Any] | None = None
    schema: Mapping[str, Any] | None = None
    """JSON schema of the answer: becomes `output_config.format`."""
    thinking: Mapping[str, Any] | None = None
    cache: str = ""
    """`5m` or `1h`: the system prompt and the tools are marked for the prompt cache, for so long."""
    betas: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    """Further parameters of the Messages API, put into each request as they are."""
    name: str = ""
    """What to call it: the file's name, or that of a ready one."""


@dataclass(frozen=True, slots=True)
class Making:
    """What the user says about a source beyond its path; empty fields leave it to what is found there."""

    kind: str = ""
    """One of KINDS."""
    recipe: Path | str | None = None
    """A recipe's file, or the name of a ready one (`summarise`, `classify`, `extract`)."""
    recipe_text: str = ""
    """A recipe as TOML, typed in the app; it stands in the place of a file."""
    override: Recipe = Recipe()
    """Fields given as options; they go before the recipe's."""
    map_model: tuple[tuple[str, str], ...] = ()
    """Other services' models, each with the Claude model that takes its place."""
    ids: str = REFUSE
    """`refuse`: illegal and repeated custom_ids are errors; `map`: legal ones are made, and remembered."""
    most_requests: int = MOST_REQUESTS
    """Per batch; fewer make smaller parts."""
    most_bytes: int = MOST_BYTES

    @property
    def betas(self) -> tuple[str, ...]:
        """Betas given as options."""
        return self.override.betas


PLAIN = Making()


@dataclass(frozen=True, slots=True)
class Sample:
    """Which requests go first, as a batch of their own; a count of 0: none do."""

    count: int = 0
    random: bool = False
    """Chosen at random instead of from the beginning."""
    seed: int | None = None
    """Makes a random choice repeatable."""


NO_SAMPLE = Sample()


@dataclass(frozen=True, slots=True)
class Change:
    """A change of every request of a retry: a parameter by its path, and its value; None takes it away."""

    path: str
    """`model`, `max_tokens`, `thinking.budget_tokens` …, below `params`."""
    value: Any = None


@dataclass(frozen=True, slots=True)
class Form:
    """What somebody has typed on the way to a launch and would not want to type again."""

    said: str = ""
    """What the path field shows."""
    picked: Mapping[str, str] = field(default_factory=dict)
    """Paths by what the field shows, where their names hold what cannot be typed."""
    name: str = ""
    kind: str = ""
    recipe: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Edited recipes."""
    model: str = ""
    max_tokens: str = ""
    mapping: str = ""
    maps_ids: bool = False
