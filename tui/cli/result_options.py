"""The grammar of `results`: which of them, what of them, where to."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from ..errors import UsageError
from ..model import ORDERS, OUTCOMES, PROBLEM, UNREADABLE, Order

CHOSEN = (*OUTCOMES, UNREADABLE, PROBLEM)
"""What `results --outcome` takes: the API's outcomes, lines that are no result, all without whole answer."""

FORMATS = ("jsonl", "csv", "parquet", "files")


def add(results: argparse.ArgumentParser, path: Callable[[str], Path]) -> None:
    """Give the subcommand its options; `path` reads the name of a file."""
    option = results.add_argument
    option("ids", metavar="ID", nargs="+", help="a batch's id, a part of it, or its label")
    option("--format", choices=FORMATS, help="jsonl unless said otherwise; csv with --join; files: a folder")
    option(
        "--output", "-o", metavar="PATH", type=path, help="write to a new file or folder instead of stdout"
    )
    option("--force", action="store_true", help="overwrite the file PATH")
    which = results.add_argument_group("which results")
    which.add_argument(
        "--outcome", choices=CHOSEN, help="only results of this outcome; `problem`: no whole answer"
    )
    search = which.add_mutually_exclusive_group()
    search.add_argument("--search", metavar="TEXT", help="only results that say this, in any case")
    search.add_argument("--regex", metavar="RE", help="only results in which this regular expression matches")
    which.add_argument("--case", action="store_true", help="search with case")
    which.add_argument(
        "--sort", metavar="COLUMN[:desc]", type=_order, help=f"by {', '.join(filter(None, ORDERS))}"
    )
    what = results.add_argument_group("what of them")
    what.add_argument(
        "--fields", action="store_true", help="csv, parquet: a column for each field of the answers"
    )
    what.add_argument("--with-requests", action="store_true", help="jsonl: put the request into each line")
    what.add_argument(
        "--join",
        metavar="SOURCE",
        type=path,
        help="the CSV or TSV they were made from, answers added as columns",
    )
    what.add_argument("--key", metavar="COLUMN", help="the column of SOURCE with the custom_ids")
    what.add_argument(
        "--no-guard", action="store_true", help="csv: leave cells as they are that look like formulas"
    )
    what.add_argument("--txt", action="store_true", help="files: call them .txt instead of .md")


def check(options: argparse.Namespace) -> None:
    """What argparse cannot say: options that need another, or shut it out."""
    kind = options.format or ("csv" if options.join else "jsonl")
    options.format = kind
    to_file = options.output not in (None, Path("-"))
    wrong = (
        (kind in ("parquet", "files") and not to_file, f"--format {kind} needs --output PATH."),
        (options.force and not to_file, "--force is about the file of --output PATH."),
        (options.force and kind == "files", "--force replaces a file, never a folder."),
        (
            options.case and options.search is None and options.regex is None,
            "--case needs --search or --regex.",
        ),
        (options.join and kind != "csv", "--join makes a table: only --format csv goes with it."),
        (options.join and options.sort, "--join keeps the order of its SOURCE: no --sort with it."),
        (options.key is not None and not options.join, "--key needs --join SOURCE."),
        (options.fields and kind not in ("csv", "parquet"), "--fields needs --format csv or parquet."),
        (options.with_requests and kind != "jsonl", "--with-requests needs --format jsonl."),
        (options.no_guard and kind not in ("csv", "files"), "--no-guard is about tables: --format csv."),
        (options.txt and kind != "files", "--txt needs --format files."),
    )
    for is_wrong, sentence in wrong:
        if is_wrong:
            raise UsageError(sentence, "See `batchdeck results --help`.")


def _order(text: str) -> Order:
    column, _, direction = text.partition(":")
    if not column or column not in ORDERS or direction not in ("", "asc", "desc"):
        raise argparse.ArgumentTypeError(
            f"must be one of {', '.join(filter(None, ORDERS))}, and may end in :desc"
        )
    return Order(column, reverse=direction == "desc")
