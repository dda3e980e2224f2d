"""The layers, as data: a module imports only from lines below its own."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

TUI = Path(__file__).parent.parent / "tui"

LAYERS = """
__main__
cli app palette
screens
widgets
messages
handlers
sync
api | sources | store | export
commands
config paths
records query pricing pace text model errors
"""
"""Highest first. Names on one line may import one another, unless `|` stands between them."""

ROOMS_OF_SOURCES = """
recipes | openai | checking
files
params
basics
"""
"""Alike, for the rooms inside; the pipeline that stands beside them may import all of them."""

NO_TEXTUAL_BELOW = "messages"
APART = "simulator"


def ranked(layers: str) -> tuple[dict[str, int], dict[str, set[str]]]:
    """How high each name stands, and whom beside it it must not import."""
    ranks: dict[str, int] = {}
    strangers: dict[str, set[str]] = {}
    for rank, line in enumerate(reversed(layers.strip().splitlines())):
        names = line.replace("|", " ").split()
        for name in names:
            ranks[name] = rank
            strangers[name] = set(names) - {name} if "|" in line else set()
    return ranks, strangers


ranks, strangers = ranked(LAYERS)


def modules() -> list[Path]:
    return sorted(TUI.rglob("*.py"))


def room(path: Path) -> str:
    """The layer's name a file belongs to: the first part of its path below the package."""
    part = path.relative_to(TUI).parts[0]
    return part.removesuffix(".py")


def imported(path: Path) -> list[tuple[int, str]]:
    """Every module a file imports anywhere in it, absolute, with its line."""
    package = ["tui", *path.relative_to(TUI).parts[:-1]]
    found: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            found.append((node.lineno, stem))
            found += [(node.lineno, f"{stem}.{alias.name}") for alias in node.names if stem == "tui"]
    return found


def ours(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "tui" and len(parts) > 1 else None


def test_every_module_has_a_place() -> None:
    known = {*ranks, APART, "__init__"}
    assert {room(path) for path in modules()} <= known


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(TUI)))
def test_imports_point_down(path: Path) -> None:
    here = room(path)
    wrong = []
    for line, module in imported(path):
        there = ours(module)
        if there is None or there == here or there.startswith("__"):
            continue
        if here == APART or (there == APART and here != "__main__"):
            wrong.append(f"{path.name}:{line} imports {there}: the simulator stands apart")
        elif there == APART:
            continue
        elif here == "__init__" or ranks[there] > ranks[here] or there in strangers[here]:
            wrong.append(f"{path.name}:{line} imports {there}, which is not below {here}")
    assert not wrong, "\n".join(wrong)


def test_rooms_of_sources_import_down() -> None:
    heights, apart = ranked(ROOMS_OF_SOURCES)
    folder = TUI / "sources"
    inside = {path: path.relative_to(folder).parts[0] for path in folder.rglob("*/*.py")}
    assert set(inside.values()) == set(heights)
    assert not [path for path in inside if path.name == "__init__.py" and imported(path)]
    wrong = []
    for path, here in inside.items():
        for line, module in imported(path):
            if module.split(".")[:2] != ["tui", "sources"]:
                continue
            there = module.removeprefix("tui.sources").strip(".").partition(".")[0]
            if heights.get(there, len(heights)) > heights[here] or there in apart[here]:
                wrong.append(f"{path.relative_to(folder)}:{line} imports {module}")
    assert not wrong, "\n".join(wrong)


def test_only_the_screen_side_imports_textual() -> None:
    limit = ranks[NO_TEXTUAL_BELOW]
    wrong = [
        f"{path}:{line}"
        for path in modules()
        if ranks.get(room(path), 99) < limit or room(path) in (APART, "cli")
        for line, module in imported(path)
        if module.split(".")[0] == "textual"
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("distribution", "rooms"),
    [
        ("anthropic", {"api"}),
        ("aiosqlite", {"store"}),
        ("sqlite3", {"store"}),
        ("regex", {"records"}),
        ("pyarrow", {"export"}),
        ("jinja2", {"sources"}),
        ("tomllib", {"config", "pricing", "sources"}),
    ],
)
def test_one_room_per_library(distribution: str, rooms: set[str]) -> None:
    wrong = [
        f"{path}:{line}"
        for path in modules()
        if room(path) not in rooms
        for line, module in imported(path)
        if module.split(".")[0] == distribution
    ]
    assert not wrong


def loaded_by(statement: str) -> set[str]:
    """Top-level packages in memory after a statement, in a fresh interpreter."""
    script = f"{statement}\nimport sys\nprint(*{{m.split('.')[0] for m in sys.modules}})"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(answer.stdout.split())


def test_importing_the_app_does_not_load_the_sdk() -> None:
    loaded = loaded_by("import tui.app, tui.__main__")
    assert "textual" in loaded
    assert not loaded & {"anthropic", "httpx2", "pydantic", "h11", "msgspec", "regex", "pyarrow", "jinja2"}


def test_the_first_paint_needs_nothing_of_launching() -> None:
    script = "import tui.app, tui.__main__, sys; print(*[m for m in sys.modules if m.startswith('tui.')])"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = answer.stdout.split()
    late = ("tui.sources", "tui.model.sources", "tui.screens.launch", "tui.screens.run", "tui.pricing")
    assert not [module for module in loaded if module.startswith(late)]


def test_the_command_line_does_without_textual() -> None:
    assert not loaded_by("import tui.cli, tui.__main__") & {"textual", "anthropic"}


def test_the_first_command_loads_the_handlers_in_a_thread() -> None:
    script = """
import asyncio, sys, threading
from types import SimpleNamespace
from tui import commands, handlers

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("tui.sources") or name == "tui.handlers.table":
            print(threading.current_thread() is threading.main_thread())

sys.meta_path.insert(0, Watch())
try:
    asyncio.run(handlers.run(SimpleNamespace(read_only=False), commands.Refresh()))
except AttributeError:
    pass  # there is nothing to refresh
"""
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert set(answer.stdout.split()) == {"False"}


def test_a_list_that_is_shown_has_loaded_nothing_heavy_on_the_way(tmp_path: Path) -> None:
    """What looks for unclear ends, and what goes on with a run, must not keep the first paint waiting."""
    script = """
import asyncio, sys, threading
from pathlib import Path
from tui import app, config, paths
from tui.__main__ import build
from tui.api import Connection
from tui.model import DRAFT, Launch, Run, utc_now

HEAVY = ("tui.sources", "tui.handlers.table", "anthropic", "msgspec", "regex", "jinja2")

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name.startswith(HEAVY):
            print(name, threading.current_thread() is threading.main_thread())

sys.meta_path.insert(0, Watch())

async def main():
    async with build(paths.find(Path(sys.argv[1])).make(), Connection()) as services:
        launch = Launch("waits", DRAFT, "", "", 1, 1, "", utc_now())
        run = Run("waits", (launch,), launch.created_at, going=1)
        await services.store.runs.add((await services.account()).id, run)
        deck = app.DeckApp(services, config.DEFAULTS)
        async with deck.run_test() as pilot:
            await pilot.pause()
            workers = [each for each in deck.workers if each.group in ("unfinished", "go-on", "settle-in")]
            await deck.workers.wait_for_complete(workers)

asyncio.run(main())
"""
    command = [sys.executable, "-c", script, str(tmp_path)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = dict(line.split() for line in answer.stdout.splitlines())
    assert {"anthropic", "tui.handlers.table", "tui.sources"} <= loaded.keys()
    assert {name for name, on_main in loaded.items() if on_main == "True"} == set()
