"""The command line's grammar: global options before or after the subcommand, one function per group."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from .. import __version__
from ..config import refresh_seconds
from ..errors import UsageError
from ..model import CANCELING, ENDED, IN_PROGRESS, Change
from ..text import clean

STATES = (IN_PROGRESS, CANCELING, ENDED, "deleted", "attention")
"""The API's states, and two of ours: gone from the server; ended without every answer whole."""

EXIT_CODES = """exit codes:
  0  done
  1  the service or the work said no
  2  usage, bad input, configuration
  3  could not reach the service: try again
  4  uncertain whether a batch was created
  130  interrupted"""


class Parser(argparse.ArgumentParser):
    """argparse whose complaints are errors of ours: a sentence and a hint, exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing a screenful of usage."""
        raise UsageError(f"{clean(message)}.", f"See `{self.prog} --help`.")


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The options of a command line; `options.command` is None for the app. UsageError on nonsense."""
    if (options := _without_command(argv)) is not None:
        return options
    from . import making_options, result_options

    options = _parser().parse_args(argv)
    if options.command == "launch":
        _check_launch(options)
    if options.command in ("launch", "check"):
        making_options.check(options)
    if options.command == "results":
        result_options.check(options)
    return options


def _without_command(argv: Sequence[str] | None) -> argparse.Namespace | None:
    """The options for the app, whose first paint does not wait for the grammar of commands; else None."""
    alone = Parser(prog="batchdeck", add_help=False, allow_abbrev=False)
    _global_options(alone, suppress=False)
    try:
        options, rest = alone.parse_known_args(argv)
    except UsageError:  # said better by those who know the command
        return None
    return None if rest else argparse.Namespace(command=None, **vars(options))


def _parser() -> Parser:
    parser = Parser(
        prog="batchdeck",
        description="Claude Message Batches in the terminal. Without a command: the full-screen program.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"batchdeck {__version__}")
    _global_options(parser, suppress=False)
    # A subcommand's defaults would overwrite what stands before it: so it has none of its own.
    shared = Parser(add_help=False, allow_abbrev=False)
    _global_options(shared, suppress=True)
    commands = _Commands(parser.add_subparsers(dest="command", metavar="COMMAND", prog="batchdeck"), shared)
    _looking(commands)
    _launching(commands)
    _ending(commands)
    return parser


class _Commands:
    """Adds subcommands that all know the global options."""

    def __init__(self, group: argparse._SubParsersAction[Parser], shared: Parser) -> None:
        self.group = group
        self.shared = shared

    def add(self, name: str, text: str, *, json: bool = False, yes: str = "") -> Parser:
        """One subcommand, with the options that several have."""
        command = self.group.add_parser(
            name,
            help=text,
            description=f"{text[0].upper()}{text[1:]}.",
            parents=[self.shared],
            allow_abbrev=False,
        )
        if json:
            command.add_argument("--json", action="store_true", help="print JSON, as the README describes it")
        if yes:
            command.add_argument("--yes", "-y", action="store_true", help=yes)
        return command


def _global_options(parser: Parser, *, suppress: bool) -> None:
    def default(value: object) -> object:
        return argparse.SUPPRESS if suppress else value

    group = parser.add_argument_group("for every command")
    add = group.add_argument
    add("--demo", action="store_true", default=default(False), help="a played account: no key, no network")
    add("--profile", metavar="P", default=default(None), help="the SDK's profile to take the credential from")
    add("--workspace", metavar="W", default=default(None), help="workspace to act in (wrkspc_…)")
    add("--read-only", action="store_true", default=default(False), help="change nothing on the server")
    add("--data-dir", metavar="D", type=_folder, default=default(None), help="where everything local is kept")
    add(
        "--refresh",
        metavar="SECONDS",
        type=_refresh,
        default=default(None),
        help="how often to look while something runs (10)",
    )


def _looking(commands: _Commands) -> None:
    from . import result_options

    listing = commands.add("list", "list the account's batches", json=True)
    listing.add_argument("--state", choices=STATES, help="only batches in this state")
    show = commands.add("show", "show one batch", json=True)
    show.add_argument("id", metavar="ID", help="a batch's id, a part of it, or its label")
    result_options.add(
        commands.add("results", "write batches' results to stdout, a file or a folder, fetching them first"),
        _file,
    )
    compare = commands.add("compare", "compare the results of two batches, by custom_id and field", json=True)
    for side in ("a", "b"):
        compare.add_argument(side, metavar=side.upper(), help="a batch, or several with commas")
    attach = commands.add("attach", "say which file the requests of a batch were in")
    attach.add_argument("id", metavar="ID", help="a batch's id, a part of it, or its label")
    attach.add_argument("source", metavar="FILE", type=_file, help="its requests: JSONL or a JSON array")
    commands.add("info", "show paths, sizes, account and versions; never a key", json=True)


def _launching(commands: _Commands) -> None:
    from . import making_options

    check = commands.add(
        "check", "say what would be sent, what is wrong with it and what it costs, without network", json=True
    )
    making_options.add(check, _file, required=True)
    check.add_argument("--strict", action="store_true", help="warnings count as problems (exit 2)")
    launch = commands.add("launch", "send a source as batches, each once", json=True, yes="do not ask")
    making_options.add(launch, _file, required=False)
    launch.add_argument("--name", metavar="N", default="", help="a local name for what is launched")
    _sending(launch)
    again = launch.add_argument_group("going on with what was launched")
    again.add_argument(
        "--resume",
        metavar="ID",
        help="send what of a run waits, or settle a launch with an unclear end",
    )
    how = again.add_mutually_exclusive_group()
    how.add_argument("--adopt", metavar="BATCH_ID", help="with --resume: this batch is what it created")
    how.add_argument("--again", action="store_true", help="with --resume: it created nothing, send it again")
    how.add_argument("--drop", action="store_true", help="with --resume: give it up")
    how.add_argument("--stop", action="store_true", help="with --resume: send nothing more by itself")
    _retrying(commands)
    runs = commands.add("runs", "list what was launched from here, or show one run", json=True)
    runs.add_argument("id", metavar="RUN", nargs="?", help="a run's id, a part of it, or its name")
    recipe = commands.add("recipe", "list ready recipes, or write one to be made your own")
    recipe.add_argument("action", choices=("new", "list"), help="what to do")
    recipe.add_argument("name", metavar="NAME", nargs="?", default="classify", help="which one (classify)")
    recipe.add_argument("--for", metavar="SOURCE", type=_file, dest="source", help="written over its columns")
    recipe.add_argument("--output", "-o", metavar="FILE", type=_file, help="where to (NAME.toml; -: stdout)")


def _retrying(commands: _Commands) -> None:
    retry = commands.add("retry", "send again what has no whole answer", json=True, yes="do not ask")
    retry.add_argument("id", metavar="ID", help="a batch or a run, by id, a part of it, or its name")
    retry.add_argument("--list", action="store_true", help="only show the groups")
    retry.add_argument(
        "--group", metavar="KEY", action="append", default=[], help="only these groups (several times)"
    )
    retry.add_argument(
        "--set",
        metavar="PATH=VALUE",
        action="append",
        type=_change,
        default=[],
        help="change a parameter of all of them, such as max_tokens=4096; an empty value takes it away",
    )
    retry.add_argument("--edit", action="store_true", help="open the requests in $EDITOR first")
    _sending(retry)


def _sending(command: Parser) -> None:
    group = command.add_argument_group("how they are sent")
    group.add_argument(
        "--side-by-side", metavar="N", type=_lanes, default=1, help="batches sent at the same time (1)"
    )
    group.add_argument("--no-wait", action="store_true", help="give up when the queue is full (exit 3)")
    group.add_argument("--over-limit", action="store_true", help="go over the spending limits of config.toml")


def _ending(commands: _Commands) -> None:
    wait = commands.add("wait", "wait until batches have ended", json=True)
    wait.add_argument("--timeout", metavar="S", type=_seconds, help="give up after so many seconds (exit 1)")
    cancel = commands.add("cancel", "ask the service to stop working on batches", json=True, yes="do not ask")
    delete = commands.add("delete", "delete ended batches and their results on the server", yes="do not ask")
    for command in (wait, cancel, delete):
        command.add_argument("ids", metavar="ID", nargs="+", help="a batch's id, a part of it, or its label")


def _check_launch(options: argparse.Namespace) -> None:
    """What argparse cannot say: sources, or an earlier launch and what to do with it, and not both."""
    hint = "See `batchdeck launch --help`."
    chosen = bool(options.adopt or options.again or options.drop or options.stop)
    if options.resume:
        if options.sources or options.name or options.sample:
            raise UsageError("--resume is about an earlier launch: no SOURCE and no --name with it.", hint)
    elif chosen:
        raise UsageError("--adopt, --again, --drop and --stop need --resume ID.", hint)
    elif not options.sources:
        raise UsageError("Which SOURCE shall be launched?", hint)


def _change(text: str) -> Change:
    path, equals, value = text.partition("=")
    if not (path and equals):
        raise argparse.ArgumentTypeError("must be PATH=VALUE, such as max_tokens=4096")
    try:
        return Change(path, json.loads(value) if value else None)
    except (ValueError, RecursionError):
        return Change(path, value)  # a bare word is a string


def _lanes(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 8:
        raise argparse.ArgumentTypeError("must be a number from 1 to 8")
    return int(text)


def _refresh(text: str) -> float:
    try:
        return refresh_seconds(float(text))
    except ValueError:
        raise argparse.ArgumentTypeError("must be a number of seconds from 1 to 3600") from None


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e9:
        raise argparse.ArgumentTypeError("must be a number of seconds, 0 or more")
    return value


def _folder(text: str) -> Path:
    if not text or "\0" in text:
        raise argparse.ArgumentTypeError("must name a folder")
    return Path(text)


def _file(text: str) -> Path:
    if not text or "\0" in text:
        raise argparse.ArgumentTypeError("must name a file")
    return Path(text)
