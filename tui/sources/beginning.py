"""A source and its check at the start: what keeps it from being read, and what has no effect, is said."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import BODIES, OPENAI, REQUESTS, WARNING, KnownModels, Making
from .basics.items import Finding
from .checking.checker import Checker
from .files.kinds import needs_recipe
from .files.opening import Source
from .files.splitting import Broken
from .flow import Flow

_OPTIONS = {
    "model": "--model",
    "max_tokens": "--max-tokens",
    "prompt": "--prompt",
    "system": "--system",
    "custom_id": "--custom-id",
    "tools": "--tools",
    "tool_choice": "--tool-choice",
    "schema": "--schema",
    "thinking": "--thinking",
    "cache": "--cache",
    "params": "--param",
}
"""What of a recipe may be given as an option, but for betas: those go with ready-made requests, too."""

_PORTING = frozenset({"--model", "--max-tokens", "--map-model"})
"""Those of them that count where requests of another shape are ported."""

_SAID = {
    REQUESTS: "ready-made requests",
    OPENAI: "an OpenAI batch, whose requests are ported",
    BODIES: "bodies of requests",
}


def begun(source: Source, making: Making, models: KnownModels | None) -> tuple[Flow | None, Checker]:
    """The requests of a source, if there can be any, and who checks them; UsageError for a bad recipe."""
    missing = None if source.troubles else needs_recipe(source.kind, making)
    flow = None if source.troubles or missing else Flow(source, making)
    checker = Checker(source.name, models, flow.betas if flow else making.betas)
    for trouble in source.troubles:
        checker.add(trouble.line, trouble.finding, trouble.file)
    if missing is not None:
        checker.add(0, missing)
    known = any(file.guess.kind for file in source.files)
    if flow is not None and known and source.kind in _SAID:
        for finding in _without_effect(source.kind, making):
            checker.add(0, finding)
    return flow, checker


def tell(checker: Checker, source: Source, broken: Broken) -> None:
    """Note where a file cannot be read any further."""
    checker.add(broken.line, Finding(broken.what, broken.remedy), broken.file if source.several else "")


def _without_effect(kind: str, making: Making) -> Iterator[Finding]:
    """What the user says about making requests, where they are ready-made or ported."""
    given = [option for name, option in _OPTIONS.items() if getattr(making.override, name)]
    given += ["--recipe"] if making.recipe is not None else []
    given += ["--map-model"] if making.map_model else []
    for option in given:
        if kind == REQUESTS or option not in _PORTING:
            remedy = "To make requests of these records, say --kind records."
            yield Finding(f"{option} has no effect on {_SAID[kind]}", remedy, severity=WARNING)
