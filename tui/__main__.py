"""Arguments → objects → run: the only place that builds things, and closes them in order."""

from __future__ import annotations

import gc
import signal

if __name__ == "__main__":  # as `tui.main` does for the command
    gc.disable()
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

import asyncio
import contextlib
import importlib
import json
import os
import pkgutil
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from . import cli, config, handlers, paths
from .api import Api, Connection
from .cli import process
from .errors import DeckError, StoreError, UsageError
from .handlers import Services
from .model import DownloadProgress, SyncStatus, utc_now
from .store import open_store
from .sync import Downloads, Sync

if TYPE_CHECKING:
    from .app import DeckApp

INTERRUPTED = 130
FAULT = 1
PATIENCE = 1.0
"""Seconds after a first Ctrl-C in which another one is taken for a double tap; later ones end at once."""
QUIET = ("check", "info", "recipe")
"""Commands that ask the service nothing."""
LABELLED = "demo labelled"
"""Under which name the demo's store keeps that its batches got their labels."""


def nobody_listens(*_: object) -> None:
    """Stand in for a callback that was not given."""


@dataclass(frozen=True)
class Ears:
    """Who hears of what goes on; the app takes its own afterwards."""

    status: Callable[[SyncStatus], None] = nobody_listens
    download: Callable[[DownloadProgress], None] = nobody_listens
    read: Callable[[int, int], None] = nobody_listens


@asynccontextmanager
async def build(
    places: paths.Paths,
    connection: Connection,
    *,
    refresh: float = config.DEFAULTS.refresh,
    read_only: bool = False,
    ears: Ears | None = None,
    clock: Callable[[], datetime] = utc_now,
    spending: config.Spending = config.DEFAULTS.spending,
) -> AsyncIterator[Services]:
    """Everything the handlers work with; closed in the opposite order, the store last."""
    ears = ears or Ears()
    async with open_store(places.state_db) as store, contextlib.AsyncExitStack() as stack:
        api = Api(connection)
        stack.push_async_callback(api.close)
        sync = Sync(api, store, refresh=refresh, clock=clock, on_status=ears.status)
        downloads = Downloads(api, store, places, clock=clock, on_progress=ears.download)
        stack.push_async_callback(downloads.close)
        yield Services(
            store=store,
            api=api,
            sync=sync,
            downloads=downloads,
            paths=places,
            read_only=read_only,
            spending=spending,
            clock=clock,
            on_read=ears.read,
        )


@contextmanager
def demo(places: paths.Paths) -> Iterator[tuple[Connection, dict[str, str]]]:
    """The played account, served on this machine only (a socket in a folder of our own, else loopback), and
    what a person might have labelled its batches."""
    from .simulator import ServerThread, open_demo

    simulator = open_demo(places.data, utc_now())
    if sys.platform == "win32":
        with ServerThread(simulator) as server:
            yield Connection(base_url=server.url, demo_key=True), simulator.account.names
        return
    # A socket's path must be short (some 100 bytes): the data folder may lie too deep.
    with (
        tempfile.TemporaryDirectory(prefix="batchdeck-", ignore_cleanup_errors=True) as folder,
        ServerThread(simulator, uds=Path(folder) / "api") as server,
    ):
        yield Connection(uds=server.uds, demo_key=True), simulator.account.names


def main(argv: Sequence[str] | None = None) -> int:
    """The program; gives its exit code, and never a traceback."""
    _streams()
    log_file: Path | None = None
    try:
        options = cli.parse(argv)
        places = _places(options)
        log_file = places.log_file
        process.start_log(log_file)
        process.catch_everything(log_file)
        process.interruptible()
        settings = config.load(places.config_file)
        code = _run(options, places, settings)
        sys.stdout.flush()
        return code
    except DeckError as error:
        cli.complain(error)
        return error.exit_code
    except (KeyboardInterrupt, asyncio.CancelledError):
        cli.say("batchdeck: interrupted.")
        return INTERRUPTED
    except BrokenPipeError:
        _abandon_stdout()
        return 0
    except OSError as error:
        process.crash(error)
        _abandon_stdout()
        what = f"{error.filename}: " if error.filename else ""
        cli.say(f"batchdeck: {what}{error.strerror or error}.")
        return UsageError.exit_code
    except Exception as error:
        cli.say(f"batchdeck: {process.crash(error, log_file)}")
        return FAULT
    finally:
        cli.progress("")


def _streams() -> None:
    """Streams that are always there, and take any character whatever the locale."""
    # `>&-` leaves None: what nobody wants goes nowhere, and nothing comes from there.
    sys.stdin = sys.stdin or open(os.devnull)  # noqa: SIM115
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def _places(options: Namespace) -> paths.Paths:
    """The folders, made."""
    places = paths.find(options.data_dir, demo=options.demo)
    try:
        return places.make()
    except OSError as error:
        name = error.filename or places.data
        raise StoreError(
            f"The folder {name} cannot be used: {error.strerror}.", "Choose another one with --data-dir."
        ) from None


def _run(options: Namespace, places: paths.Paths, settings: config.Settings) -> int:
    with contextlib.ExitStack() as stack:
        if options.demo:
            connection, labels = stack.enter_context(demo(places))
        else:
            connection, labels = Connection(profile=options.profile, workspace=options.workspace), {}
        face = _command if options.command else _app
        return asyncio.run(face(options, places, settings, connection, labels))


async def _command(
    options: Namespace,
    places: paths.Paths,
    settings: config.Settings,
    connection: Connection,
    labels: dict[str, str],
) -> int:
    """The headless face: one command, and out."""
    gc.enable()
    process.watch_loop()
    narrator = cli.Narrator()
    ears = Ears(narrator.status, narrator.download, narrator.read)
    with process.on_stop(_canceller()):
        async with build(
            places,
            connection,
            refresh=options.refresh or settings.refresh,
            read_only=options.read_only,
            ears=ears,
            spending=settings.spending,
        ) as services:
            await _label(services, labels)
            with suppress(DeckError):  # what stands in its way shows where it matters, too
                await handlers.recall(services, ask=options.command not in QUIET)
            return await cli.run(services, options)


async def _label(services: Services, labels: dict[str, str]) -> None:
    """Label the demo's batches once; what its visitor changes afterwards stays changed."""
    kept = await services.store.settings.get(LABELLED) if labels else None
    done = set(json.loads(kept or "[]"))
    new = labels.keys() - done
    for batch_id in new:
        await services.store.batches.label(batch_id, labels[batch_id])
    if new:
        await services.store.settings.set(LABELLED, json.dumps(sorted(done | new)))


def _canceller() -> Callable[[], None]:
    """What a signal does: cancel the command, and if that does not help, end at once."""
    task = asyncio.current_task()
    first: list[float] = []

    def stop() -> None:
        if not first:
            first.append(time.monotonic())
            if task:
                task.cancel()
        elif time.monotonic() - first[0] > PATIENCE:
            os._exit(INTERRUPTED)

    return stop


async def _app(
    options: Namespace,
    places: paths.Paths,
    settings: config.Settings,
    connection: Connection,
    labels: dict[str, str],
) -> int:
    """The full-screen face."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "The full-screen program needs a terminal.", "See `batchdeck --help` for the commands."
        )
    from .app import DeckApp

    gc.freeze()  # a collection that looks at all that was loaded would hold the first paint up by 30 ms
    gc.enable()
    process.watch_loop()
    async with build(
        places,
        connection,
        refresh=options.refresh or settings.refresh,
        read_only=options.read_only,
        spending=settings.spending,
    ) as services:
        await _label(services, labels)
        app = DeckApp(services, settings, demo=options.demo)
        config.check_names(
            settings,
            places.config_file,
            bindings=binding_ids() if settings.keys else (),
            themes=app.available_themes,
        )
        return await _shown(app, places)


async def _shown(app: DeckApp, places: paths.Paths) -> int:
    """Show the app until it ends, of itself or by a signal; its exit code."""
    stopped: list[bool] = []

    def stop() -> None:
        stopped.append(True)
        app.exit()

    with process.on_stop(stop):
        await app.run_async()
    await app.leave()
    if (error := app.crash) is not None:
        cli.say(f"batchdeck: {process.crash(error, places.log_file)}")
        return FAULT
    return INTERRUPTED if stopped else int(app.return_code or 0)


def binding_ids() -> set[str]:
    """The ids of all keys of the app, its screens and its widgets: what `[keys]` may name."""
    from textual.binding import Binding
    from textual.dom import DOMNode

    from . import app, screens, widgets

    for package in (screens, widgets):  # some are only loaded when they are opened
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    ours, classes = app.__name__.rpartition(".")[0], [DOMNode]
    for each in classes:
        classes += each.__subclasses__()
    bindings = (binding for each in classes if each.__module__.startswith(ours) for binding in each.BINDINGS)
    return {binding.id for binding in bindings if isinstance(binding, Binding) and binding.id}


def _abandon_stdout() -> None:
    """Nobody reads on: keep the interpreter's last flush from complaining."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
