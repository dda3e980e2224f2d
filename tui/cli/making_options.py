"""The grammar of sources: what they are, how requests are made of them, which of them go first."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..model import KINDS, MAP, MOST_REQUESTS, NO_SAMPLE, REFUSE, Making, Recipe, Sample
from ..paths import expanded

SOURCES = "JSON, CSV or TSV files, folders or documents, also packed with gzip; - is what is piped in"


def add(command: argparse.ArgumentParser, path: Any, *, required: bool) -> None:
    """Give a subcommand its sources and what may be said about them."""
    command.add_argument("sources", metavar="SOURCE", type=path, nargs="+" if required else "*", help=SOURCES)
    made = command.add_argument_group("how requests are made of it")
    made.add_argument("--kind", choices=KINDS, help="what it is, where that is not seen from its content")
    made.add_argument("--recipe", metavar="FILE|NAME", help="a recipe's file, or a ready one's name")
    made.add_argument("--model", metavar="MODEL", default="", help="model of every request made")
    made.add_argument("--map-model", metavar="FROM=TO", action="append", type=_pair, default=[],
                      help="OpenAI batches: the model that takes another's place")  # fmt: skip
    made.add_argument("--max-tokens", metavar="N", type=_positive, default=0, help="longest answer")
    made.add_argument(
        "--prompt", metavar="TEMPLATE", default="", help="the user's turn: 'Sum up: {{ text }}'"
    )
    made.add_argument("--system", metavar="TEMPLATE", default="", help="the system prompt")
    made.add_argument("--custom-id", metavar="TEMPLATE", default="", help="such as '{{ ticket_id }}'")
    made.add_argument("--map-ids", action="store_true", help="make legal, unique custom_ids of others")
    made.add_argument("--tools", metavar="FILE", type=path, help="a JSON list of tools")
    made.add_argument("--tool-choice", metavar="NAME|JSON", help="a tool to force, or the whole object")
    made.add_argument("--schema", metavar="FILE", type=path, help="JSON schema that each answer keeps to")
    made.add_argument("--thinking", metavar="TOKENS|JSON", help="budget of thinking, or the whole object")
    made.add_argument(
        "--cache",
        choices=("5m", "1h"),
        default="",
        help="mark system prompt and tools for the cache",
    )
    made.add_argument("--beta", metavar="NAME", action="append", default=[], help="a beta of the API")
    made.add_argument("--param", metavar="NAME=JSON", action="append", type=_parameter, default=[],
                      help="another parameter of every request made")  # fmt: skip
    made.add_argument("--part-size", metavar="N", type=_part, default=MOST_REQUESTS,
                      help=f"most requests in one batch ({MOST_REQUESTS:,})")  # fmt: skip
    first = command.add_argument_group("which go first")
    first.add_argument(
        "--sample", metavar="N", type=_sample, default=0, help="send N of them as a batch first"
    )
    first.add_argument("--random", action="store_true", help="a sample from anywhere, not the first ones")
    first.add_argument("--seed", metavar="N", type=int, help="makes --random repeatable")


def check(options: argparse.Namespace) -> None:
    """What argparse cannot say: options that need another."""
    if options.random and not options.sample:
        raise UsageError("--random is about a sample: add --sample N.", _hint(options))
    if options.seed is not None and not options.random:
        raise UsageError("--seed is about --random.", _hint(options))


def _hint(options: argparse.Namespace) -> str:
    return f"See `batchdeck {options.command} --help`."


def making(options: argparse.Namespace) -> Making:
    """What the options say about a source; UsageError for a file that cannot be read."""
    return Making(
        kind=options.kind or "",
        recipe=_recipe(options.recipe),
        override=Recipe(
            model=options.model,
            max_tokens=options.max_tokens,
            prompt=options.prompt,
            system=options.system,
            custom_id=options.custom_id,
            tools=tuple(_list(options.tools)) if options.tools else (),
            tool_choice=_choice(options.tool_choice),
            schema=_object(options.schema) if options.schema else None,
            thinking=_thinking(options.thinking),
            cache=options.cache,
            betas=tuple(options.beta),
            params=dict(options.param),
        ),
        map_model=tuple(options.map_model),
        ids=MAP if options.map_ids else REFUSE,
        most_requests=options.part_size,
    )


def sample(options: argparse.Namespace) -> Sample:
    """Which requests go first."""
    return Sample(options.sample, options.random, options.seed) if options.sample else NO_SAMPLE


def _recipe(said: str | None) -> Path | str | None:
    """A name without slash and ending is one of the ready recipes, unless there is such a file."""
    if not said:
        return None
    path = expanded(Path(said))
    return said if "." not in said and "/" not in said and not path.exists() else path


def _read(path: Path) -> Any:
    try:
        return json.loads(expanded(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", "Look at the name.") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is no JSON: {error}.", "Save it as JSON in UTF-8.") from None


def _list(path: Path) -> list[dict[str, Any]]:
    found = _read(path)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise UsageError(f"{path} must be a list of tools.", 'Write [{"name": …, "input_schema": …}].')
    return found


def _object(path: Path) -> dict[str, Any]:
    found = _read(path)
    if not isinstance(found, dict):
        raise UsageError(f"{path} must be a JSON schema: an object.", 'Write {"type": "object", …}.')
    return found


def _choice(said: str | None) -> dict[str, Any] | None:
    if not said:
        return None
    if said in ("auto", "any", "none"):
        return {"type": said}
    return _inline(said, "--tool-choice") if said.startswith("{") else {"type": "tool", "name": said}


def _thinking(said: str | None) -> dict[str, Any] | None:
    if not said:
        return None
    if said.isdecimal():
        return {"type": "enabled", "budget_tokens": int(said)}
    return _inline(said, "--thinking")


def _inline(said: str, option: str) -> dict[str, Any]:
    try:
        found = json.loads(said)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UsageError(f"{option} must be a JSON object.", 'Such as \'{"type": "adaptive"}\'.')
    return found


def _pair(text: str) -> tuple[str, str]:
    before, equals, after = text.partition("=")
    if not (before and equals and after):
        raise argparse.ArgumentTypeError("must be FROM=TO, such as gpt-4o-mini=claude-haiku-5-5")
    return before, after


def _parameter(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError("must be NAME=JSON, such as stop_sequences='[\"END\"]'")
    try:
        return name, json.loads(value)
    except (ValueError, RecursionError):
        return name, value  # a bare word is a string


def _positive(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 10**9:
        raise argparse.ArgumentTypeError("must be a whole number, 1 or more")
    return int(text)


def _part(text: str) -> int:
    number = _positive(text)
    if number > MOST_REQUESTS:
        raise argparse.ArgumentTypeError(f"must be at most {MOST_REQUESTS:,}: no batch takes more")
    return number


def _sample(text: str) -> int:
    number = _positive(text)
    if number > 1_000:
        raise argparse.ArgumentTypeError("must be at most 1,000: a sample is to be looked at")
    return number
