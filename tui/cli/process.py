"""How the process behaves: the log, signals, exceptions nobody caught; none of it ever shows a secret."""

from __future__ import annotations

import asyncio
import logging
import logging.handlers
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from ..config import without_secrets
from ..errors import DeckError

log = logging.getLogger("tui")
"""Our own logger: every module's is below it."""
log.addHandler(logging.NullHandler())  # until there is a file: without any, Python writes to stderr

TELLING = (
    DeckError,
    OSError,
    TypeError,
    AttributeError,
    NameError,
    ImportError,
    RuntimeError,
    AssertionError,
)
"""Exceptions whose message speaks of code or of the system; any other's may quote an answer or a prompt."""

MOST_BYTES, KEPT = 1_000_000, 3


class PrivateFile(logging.handlers.RotatingFileHandler):
    """The rotating log, readable by its user only."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=MOST_BYTES, backupCount=KEPT, encoding="utf-8", delay=True)

    def _open(self) -> TextIOWrapper:
        return open(
            self.baseFilename,
            "a",
            encoding="utf-8",
            errors="backslashreplace",
            opener=lambda name, flags: os.open(name, flags, 0o600),
        )


class Discreet(logging.Formatter):
    """Writes where an exception came from, without values, and blots out anything that is a credential."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """One record; line breaks inside the message cannot fake another record."""
        return without_secrets(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The line of a record, whatever it quotes kept on that line."""
        return super().formatMessage(record).replace("\r", "\\r").replace("\n", "\\n")

    def formatException(self, info: Any) -> str:
        """Files, lines and functions, innermost last."""
        return "\n".join(describe(info[1])) if info[1] is not None else ""


def describe(error: BaseException) -> list[str]:
    """An exception and its causes as lines: positions and types, no source, no locals."""
    lines: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen and len(seen) < 8:
        seen.add(id(current))
        kind = type(current).__qualname__
        lines.append(f"{kind}: {str(current)[:500]!r}" if isinstance(current, TELLING) else kind)
        for frame, number in list(traceback.walk_tb(current.__traceback__))[-40:]:
            lines.append(f"    {frame.f_code.co_filename}:{number} in {frame.f_code.co_qualname}")
        current = current.__cause__ or current.__context__
    return lines


def start_log(path: Path) -> None:
    """Send our log to its file, and everybody else's nowhere.

    A handler on the root keeps ANTHROPIC_LOG from writing prompts to the terminal: `basicConfig` does
    nothing once there is one (SDK source).
    """
    logging.raiseExceptions = False
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.NullHandler())
    for handler in list(log.handlers):
        log.removeHandler(handler)
        handler.close()
    handler = PrivateFile(path)
    handler.setFormatter(Discreet())
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    logging.captureWarnings(True)


def crash(error: BaseException, path: Path | None = None) -> str:
    """Write an unforeseen exception to the log, and say so in a sentence."""
    log.error("a fault in batchdeck", exc_info=(type(error), error, error.__traceback__))
    where = f" The log has the details: {path}" if path else ""
    return f"Something went wrong inside batchdeck ({type(error).__name__}).{where}"


def catch_everything(path: Path) -> None:
    """Let no exception print a traceback, wherever it escapes."""

    def main_thread(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        del kind, trace
        with suppress(OSError, ValueError):
            print(f"batchdeck: {crash(error, path)}", file=sys.stderr)

    def other_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            crash(args.exc_value)

    def unraisable(args: Any) -> None:
        if args.exc_value is not None:
            crash(args.exc_value)

    sys.excepthook = main_thread
    threading.excepthook = other_thread
    sys.unraisablehook = unraisable


def watch_loop() -> None:
    """Exceptions that asyncio finds lying about go to the log as well."""

    def handler(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        del loop
        error = context.get("exception")
        if isinstance(error, BaseException):
            crash(error)
        else:
            log.error("asyncio: %s", context.get("message", ""))

    asyncio.get_running_loop().set_exception_handler(handler)


STOPPING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


def interruptible() -> None:
    """Before and after the event loop, let SIGTERM and SIGHUP end the program as Ctrl-C does: tidily."""
    for number in STOPPING:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)


@contextmanager
def on_stop(stop: Callable[[], object]) -> Iterator[None]:
    """While open, Ctrl-C, SIGTERM and SIGHUP call `stop`; signals that are ignored (nohup) stay ignored."""
    loop = asyncio.get_running_loop()
    wanted = [number for number in STOPPING if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.getsignal(number) for number in wanted}
    for number in wanted:
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # Windows' loops know no signals
            signal.signal(number, _calling(loop, stop))
    try:
        yield
    finally:
        for number in wanted:
            with suppress(NotImplementedError):
                loop.remove_signal_handler(number)
            signal.signal(number, before[number] or signal.SIG_DFL)


def _calling(
    loop: asyncio.AbstractEventLoop, stop: Callable[[], object]
) -> Callable[[int, FrameType | None], None]:
    def handler(number: int, frame: FrameType | None) -> None:
        del number, frame
        loop.call_soon_threadsafe(stop)

    return handler
