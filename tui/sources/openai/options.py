"""What a body says beside its conversation, its tools and its model: ported, left out by name, or refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..basics.items import Path, short
from .notes import Notes, rest, says, shown
from .schema import StrictSchema

EFFORTS = ("low", "medium", "high", "xhigh", "max")
"""As the SDK's `OutputConfigParam` has it."""

NATIVE = frozenset(
    {
        "billing_policy",
        "cache_control",
        "cache_hint",
        "compaction",
        "container",
        "context_hint",
        "context_management",
        "diagnostics",
        "fallback_credit_token",
        "fallbacks",
        "inference_geo",
        "mcp_servers",
        "speed",
        "thinking",
        "thread",
        "user_profile_id",
    }
)
"""Parameters of the Messages API itself: they stay as they are, and the check judges them."""


class Rule(NamedTuple):
    """What becomes of a parameter without counterpart."""

    why: str
    same: tuple[object, ...] = ()
    """Values that ask for what Claude does anyway: there is nothing to say about them."""


_REFUSED = "This version of the API refuses it."
_NONE = "The Messages API has no counterpart."
_PENALTY = Rule(_NONE, (0,))

LEFT_OUT: dict[str, Rule] = {
    "temperature": Rule(_REFUSED, (1,)),
    "top_p": Rule(_REFUSED, (1,)),
    "top_k": Rule(_REFUSED),
    "frequency_penalty": _PENALTY,
    "presence_penalty": _PENALTY,
    "logit_bias": Rule(_NONE),
    "logprobs": Rule("Answers come without the probabilities of their tokens.", (False,)),
    "top_logprobs": Rule("Answers come without the probabilities of their tokens.", (0,)),
    "seed": Rule("No answer of Claude’s can be repeated exactly."),
    "stream": Rule("A batch does not stream.", (False,)),
    "stream_options": Rule("A batch does not stream."),
    "store": Rule("Results of a batch are kept for 29 days, and no longer.", (False,)),
    "background": Rule("A batch works in the background anyway.", (False, True)),
    "prediction": Rule("It only made another service faster."),
    "prompt_cache_key": Rule("Claude’s prompt cache has no keys: mark blocks with cache_control."),
    "prompt_cache_retention": Rule("Claude’s prompt cache is asked for with cache_control."),
    "verbosity": Rule("Say in the prompt how long an answer shall be."),
    "include": Rule(_NONE),
    "truncation": Rule("What is too long for the model ends with an error.", ("disabled",)),
    "max_tool_calls": Rule(_NONE),
    "betas": Rule("They belong to the whole batch: give them as options."),
}
"""Parameters that a request can go without: a warning names them."""

_STATE = "Write the whole conversation into the request."
HINDERING: dict[str, Rule] = {
    "n": Rule("Repeat the request under other ids: each gets one answer.", (1,)),
    "best_of": Rule("Repeat the request under other ids: each gets one answer.", (1,)),
    "audio": Rule("Claude does not speak: ask for text."),
    "modalities": Rule("Claude does not speak: ask for text.", (["text"],)),
    "previous_response_id": Rule(_STATE),
    "conversation": Rule(_STATE),
    "prompt": Rule("Write the prompt itself into messages, or into input."),
}
"""Parameters without which another thing would be asked: they are errors."""


class Options:
    """Ports one parameter after the other into the params of a request."""

    def __init__(self, params: dict[str, Any], notes: Notes) -> None:
        self.params = params
        self._notes = notes
        self._ported: dict[str, Callable[[Any, Path], None]] = {
            "stop": self._stop,
            "stop_sequences": self._stop,
            "response_format": self._response_format,
            "text": self._text,
            "reasoning_effort": self._effort,
            "reasoning": self._reasoning,
            "output_config": self._output_config,
            "user": self._user,
            "safety_identifier": self._user,
            "metadata": self._metadata,
            "service_tier": self._service_tier,
        }

    def take(self, key: str, value: Any, path: Path) -> None:
        """Port one parameter; null is the same as none."""
        if value is None:
            return
        if key in self._ported:
            self._ported[key](value, path)
        elif key in NATIVE:
            self.params[key] = value
        elif (rule := HINDERING.get(key)) is not None:
            if says(value) and not _same(value, rule):
                self._notes.error(path, f"{key} has no counterpart", rule.why)
        elif (rule := LEFT_OUT.get(key)) is not None:
            if says(value) and not _same(value, rule):
                self._notes.warn(path, f"{key} was left out", rule.why)
        elif says(value):
            self._notes.warn(path, f"“{short(key)}” was left out", "Nobody knows this parameter here.")

    def _stop(self, value: Any, path: Path) -> None:
        stops = [value] if isinstance(value, str) else value
        if not isinstance(stops, list) or not all(isinstance(each, str) for each in stops):
            self._notes.wrong(path, str(path[-1]), "a string, or a list of strings", value)
            return
        kept = [each for each in stops if each.strip()]
        if len(kept) < len(stops):
            remedy = "The service takes no sequence of white space alone: answers go on after it."
            self._notes.warn(path, "A stop sequence was left out", remedy)
        if kept:
            self.params["stop_sequences"] = [*self.params.get("stop_sequences", ()), *kept]

    def _response_format(self, value: Any, path: Path) -> None:
        self._format(value, path, inner="json_schema")

    def _text(self, value: Any, path: Path) -> None:
        if not isinstance(value, dict):
            self._notes.wrong(path, "text", "an object", value)
            return
        rest(value, frozenset({"format", "verbosity"}), path, self._notes, "text")
        self.take("verbosity", value.get("verbosity"), (*path, "verbosity"))
        if says(value.get("format")):
            self._format(value["format"], (*path, "format"))

    def _format(self, value: Any, path: Path, inner: str = "") -> None:
        """How the answer is laid out: text, any JSON, or JSON by a schema."""
        named = value.get("type") if isinstance(value, dict) else value
        if named == "json_schema" and isinstance(value, dict):
            said: Any = value
            if inner in value:
                rest(value, frozenset({"type", inner}), path, self._notes, "the answer’s format")
                said, path = value[inner], (*path, inner)
            if isinstance(said, dict) and isinstance(said.get("schema"), dict):
                self._schema(said, path)
                return
            self._notes.error(path, "The JSON schema of the answer is missing", "Put it into schema.")
        elif named == "json_object":
            remedy = "Ask for JSON in the prompt, or better give a schema."
            self._notes.warn(path, "The format json_object was left out", remedy)
        elif named != "text":
            what, detail = "The format of the answer has no counterpart", f"It is “{shown(named)}”."
            self._notes.error(path, what, detail=detail)

    def _schema(self, said: dict[str, Any], path: Path) -> None:
        known = frozenset({"type", "name", "description", "schema", "strict"})
        rest(said, known, path, self._notes, "the answer’s schema")
        self._notes.flag(said, "strict", path)  # every schema is followed strictly
        schema = StrictSchema().turn(said["schema"], (*path, "schema"), self._notes)
        # Its name and description were read by the model, too: both have a place in the schema.
        for key, name in (("title", "name"), ("description", "description")):
            words = self._notes.text(said, name, path, f"The {name} of the answer’s schema")
            if words and schema.setdefault(key, words) != words:
                remedy = f"The schema has a {key} of its own."
                self._notes.warn((*path, name), f"The {name} of the answer’s schema was left out", remedy)
        self._configure("format", {"type": "json_schema", "schema": schema})

    def _effort(self, value: Any, path: Path) -> None:
        if value in EFFORTS:
            self._configure("effort", value)
        else:
            remedy = f"Claude knows {', '.join(EFFORTS)}."
            self._notes.warn(path, "The effort of reasoning was left out", remedy, f"It is “{shown(value)}”.")

    def _reasoning(self, value: Any, path: Path) -> None:
        if not isinstance(value, dict):
            self._notes.wrong(path, "reasoning", "an object", value)
            return
        rest(value, frozenset({"effort"}), path, self._notes, "reasoning")
        if says(value.get("effort")):
            self._effort(value["effort"], (*path, "effort"))

    def _output_config(self, value: Any, path: Path) -> None:
        if isinstance(value, dict):
            for key, each in value.items():
                self._configure(key, each)
        else:
            self._notes.wrong(path, "output_config", "an object", value)

    def _configure(self, key: str, value: Any) -> None:
        self.params.setdefault("output_config", {})[key] = value

    def _user(self, value: Any, path: Path) -> None:
        metadata = self.params.setdefault("metadata", {})
        if not isinstance(value, str):
            self._notes.wrong(path, str(path[-1]), "a string", value)
        elif metadata.setdefault("user_id", value) != value:
            self._notes.warn(path, f"{path[-1]} was left out", "Another parameter names another user.")

    def _metadata(self, value: Any, path: Path) -> None:
        if not isinstance(value, dict):
            self._notes.wrong(path, "metadata", "an object", value)
            return
        if says(value.get("user_id")):
            self._user(value["user_id"], (*path, "user_id"))
        others = [key for key in value if key != "user_id"]
        if others:
            detail = f"It has {', '.join(map(short, others[:8]))}."
            self._notes.warn(path, "metadata was left out", "The Messages API keeps only a user_id.", detail)

    def _service_tier(self, value: Any, path: Path) -> None:
        if value == "standard_only":
            self.params["service_tier"] = value
        elif value not in ("auto", "default", "batch"):
            self._notes.warn(path, "service_tier was left out", "A batch has a tier of its own.")


def _same(value: object, rule: Rule) -> bool:
    """Whether a value asks for nothing that Claude does not do anyway; `True` is not 1 here."""
    return any(value == each and isinstance(value, bool) == isinstance(each, bool) for each in rule.same)
