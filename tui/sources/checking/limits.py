"""What is known of models, and what follows from it for a request that names one.

The service's own list goes before the dated table that comes with the program.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from ...model import WARNING, KnownModels, ModelInfo
from ..basics.items import Finding, short

TABLE = Path(__file__).with_name("models.toml")

_MODEL = ("params", "model")
_DATED = re.compile(r"-20\d{6}\Z")
_UNLIMITED = 2**63
_MOST_GIVEN = 1_000


@dataclass(frozen=True, slots=True)
class Facts:
    """What the API documentation says of a model beyond what the service's list does."""

    max_tokens: int = 0
    max_input_tokens: int = 0
    extended: bool = False
    """Whether the beta for long answers raises its limit."""
    thinking_refused: frozenset[str] = frozenset()
    """Types of thinking that it answers with an error."""
    prefill: bool = True
    """Whether the last message may be the assistant's."""
    forced_tools: bool = True
    """Whether a tool may be forced."""
    instead: str = ""
    """What to move to."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a model's name alone says about every request that has it."""

    model: str
    findings: tuple[Finding, ...] = ()
    most: int = _UNLIMITED
    """Of max_tokens."""
    facts: Facts = field(default_factory=Facts)
    extended: int = 0
    """The same with the beta for long answers, where that is not sent and would help."""
    advice: str = ""
    """How to get so much."""


@dataclass(frozen=True, slots=True)
class _Table:
    date: date
    beta: str
    extended: int
    models: dict[str, ModelInfo]
    facts: dict[str, Facts]
    family: dict[str, tuple[str, ...]]
    """Each name with all names of the same model."""


@cache
def _table() -> _Table:
    raw = tomllib.loads(TABLE.read_text("utf-8"))
    table = _Table(raw["date"], raw["extended_beta"], raw["extended_max_tokens"], {}, {}, {})
    for name, entry in raw["models"].items():
        names = (name, *entry.pop("aliases", ()))
        for each in names:
            table.models[each] = _info(each, entry)
            table.facts[each] = _facts(entry)
            table.family[each] = names
    return table


def _info(name: str, entry: dict[str, Any]) -> ModelInfo:
    return ModelInfo(
        name,
        max_tokens=entry.get("max_tokens", 0),
        max_input_tokens=entry.get("max_input_tokens", 0),
        lifecycle=entry.get("lifecycle", "active"),
        retires_at=str(entry.get("retires_at", "")),
    )


def _facts(entry: dict[str, Any]) -> Facts:
    return Facts(
        entry.get("max_tokens", 0),
        entry.get("max_input_tokens", 0),
        entry.get("extended", False),
        frozenset(entry.get("thinking_refused", ())),
        entry.get("prefill", True),
        entry.get("forced_tools", True),
        entry.get("instead", ""),
    )


def known() -> KnownModels:
    """The table that comes with the program: each name a model goes by, the dated ones included."""
    return KnownModels(tuple(_table().models.values()))


class Judge:
    """Says what is wrong with naming a model."""

    def __init__(
        self, models: KnownModels | None = None, betas: Sequence[str] = (), today: date | None = None
    ) -> None:
        self._known = models if models is not None and models.models else known()
        self._by_id = {} if self._known.complete else {model.id: model for model in known().models}
        self._by_id |= {model.id: model for model in self._known.models}
        self._betas = frozenset(betas)
        self._today = today or datetime.now(UTC).date()
        self._given: dict[str, Verdict] = {}

    def verdict(self, name: str) -> Verdict:
        """What follows from a model's name."""
        verdict = self._given.get(name)
        if verdict is None:
            if len(self._given) > _MOST_GIVEN:  # names are foreign text: there may be any number
                self._given.clear()
            verdict = self._given[name] = self._judged(name)
        return verdict

    def _judged(self, name: str) -> Verdict:
        if not name:
            return Verdict(name, (Finding("model is empty", "Name a model.", path=_MODEL),))
        facts = _table().facts.get(name, Facts())
        info = self._find(name)
        if info is None:
            return Verdict(name, (self._unknown(name),), facts=facts)
        findings = [*self._lifecycle(name, info, facts)]
        if not info.batch:
            what = f"{name} cannot be used in batches"
            findings.append(Finding(what, "Name another model.", path=_MODEL))
        most = self._most(name, info, facts)
        table = _table()
        if most == _UNLIMITED or not facts.extended or table.beta in self._betas:
            return Verdict(name, tuple(findings), most, facts)
        advice = f"Up to {table.extended:,} go with the beta {table.beta}."
        return Verdict(name, tuple(findings), most, facts, table.extended, advice)

    def _find(self, name: str) -> ModelInfo | None:
        """The model of that name, or of another name of the same model: lists have only the dated ones."""
        family = _table().family.get(name, (name,))
        found = next((self._by_id[each] for each in (name, *family) if each in self._by_id), None)
        if found is None:
            return next((each for each in self._known.models if _DATED.sub("", each.id) == name), None)
        return found

    def _unknown(self, name: str) -> Finding:
        if self._known.complete and (retired := _table().models.get(name)) and retired.lifecycle == "retired":
            return self._retired(name, retired, _table().facts[name])
        near = difflib.get_close_matches(name, self._by_id, 1)
        advice = f"Did you mean “{near[0]}”?" if near else "Look at its name."
        if self._known.complete:
            return Finding(f"The service has no model “{short(name)}”", advice, path=_MODEL)
        what = f"“{short(name)}” is no model that batchdeck knows (models of {_table().date})"
        return Finding(what, advice, severity=WARNING, path=_MODEL)

    def _lifecycle(self, name: str, info: ModelInfo, facts: Facts) -> tuple[Finding, ...]:
        when = info.retires_at[:10]
        # A date that has passed is a fact only in our own table: the service's list says what became of it.
        passed = not self._known.asked_at and when != "" and when <= self._today.isoformat()
        if info.lifecycle == "retired" or passed:
            return (self._retired(name, info, facts),)
        if info.lifecycle != "deprecated":
            return ()
        retires = "should have retired" if when and when <= self._today.isoformat() else "retires"
        what = f"{name} {retires} on {when}" if when else f"{name} is deprecated"
        return (Finding(what, _instead(facts), severity=WARNING, path=_MODEL),)

    def _retired(self, name: str, info: ModelInfo, facts: Facts) -> Finding:
        when = f" on {info.retires_at[:10]}" if info.retires_at else ""
        return Finding(f"{name} was retired{when}", _instead(facts), path=_MODEL)

    def _most(self, name: str, info: ModelInfo, facts: Facts) -> int:
        most = info.max_tokens or facts.max_tokens or _UNLIMITED
        table = _table()
        # Whether the beta holds for a model that our table does not have, nobody knows: then it may.
        if table.beta in self._betas and (facts.extended or name not in table.facts):
            return max(most, table.extended)
        return most


def _instead(facts: Facts) -> str:
    return f"Use {facts.instead}, say." if facts.instead else "Name another model."
