"""A recipe in the user's own editor, and in files: what comes back, and what may go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.app import SuspendNotSupported

from tests.cli_runs import ROOT
from tests.pty_runs import Screen
from tui.errors import UsageError
from tui.screens.launch_editor import LONGEST, edit, read, save
from tui.simulator import Simulator


class Terminal:
    """Stands for the app: hands the terminal over, and wants it back."""

    def __init__(self, *, can_suspend: bool = True) -> None:
        self.handed_over = 0
        self._can_suspend = can_suspend

    @contextmanager
    def suspend(self) -> Iterator[None]:
        """As Textual's: an exception inside would leave the terminal to the editor."""
        if not self._can_suspend:
            raise SuspendNotSupported
        self.handed_over += 1
        yield
        self.handed_over -= 1


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes a shell script the editor."""

    def be(script: str) -> None:
        path = tmp_path / "my editor"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setenv("EDITOR", f"'{path}' --wait")

    return be


def edited(source: str, terminal: Terminal) -> str:
    return edit(terminal, source)  # type: ignore[arg-type]


def test_what_the_editor_saves_comes_back(editor: Any, tmp_path: Path) -> None:
    editor(f'echo "$1" > {tmp_path}/seen; stat -c %a "$2" >> {tmp_path}/seen; echo "# Zoë" >> "$2"')
    terminal = Terminal()
    assert edited("model = 'm'\n", terminal) == "model = 'm'\n# Zoë\n"
    assert terminal.handed_over == 0
    assert (tmp_path / "seen").read_text() == "--wait\n600\n"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exit 3", "ended with code 3"),
        (r'printf "\377\376" > "$2"', "not UTF-8"),
        ('rm "$2"', "cannot be read"),
    ],
)
def test_an_editor_that_fails_changes_nothing_and_gives_the_terminal_back(
    editor: Any, script: str, words: str
) -> None:
    editor(script)
    terminal = Terminal()
    with pytest.raises(UsageError, match=words):
        edited("model = 'm'", terminal)
    assert terminal.handed_over == 0


@pytest.mark.parametrize("command", ["/no/such/\x1beditor", "'unclosed"])
def test_an_editor_that_is_none_is_named(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", command)
    terminal = Terminal()
    with pytest.raises(UsageError, match="could not be started") as caught:
        edited("", terminal)
    assert terminal.handed_over == 0 and "\x1b" not in str(caught.value)


def test_a_terminal_that_cannot_be_handed_over_is_said() -> None:
    with pytest.raises(UsageError, match="handed over"):
        edited("", Terminal(can_suspend=False))


def test_files_that_are_no_recipes(tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(b"#" * (LONGEST + 1))
    with pytest.raises(UsageError, match="too long"):
        read(large)
    for path in (tmp_path, tmp_path / "nowhere", Path("a\x00b")):
        with pytest.raises(UsageError, match="cannot be read"):
            read(path)
    with pytest.raises(UsageError, match="cannot be written"):
        save(tmp_path / "no" / "folder.toml", "")
    marked = tmp_path / "marked.toml"
    marked.write_bytes(b"\xef\xbb\xbfmodel = 'm'")
    assert read(marked) == "model = 'm'"


def test_a_real_editor_on_a_real_terminal(
    editor: Any, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The editor has the terminal to itself, and what it saves is the recipe."""
    monkeypatch.setenv("BATCHDECK_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "tickets.csv").write_text("ticket_id,body\nT-1,My invoice is wrong\n")
    new = 'model = "claude-haiku-5-5"\\nmax_tokens = 9\\nprompt = "Edited: {{ body }}"\\n'
    editor(f"""echo "the editor has it" ; read answer; printf '{new}' > "$2" """)
    with Screen(["-m", "tui"], (120, 36), {"PYTHONPATH": str(ROOT)}, cwd=tmp_path) as screen:
        screen.until_shown("live")
        screen.press_until("n", "[Choose]")
        screen.type("tickets.csv")
        screen.until_shown("CSV, 2 columns")
        screen.type("\r")
        screen.until_shown("Make the requests with")
        screen.type("\r")
        screen.until_shown("request of row 1", "My invoice is wrong")
        screen.type("\x05")
        screen.until_shown("the editor has it")
        screen.type("yes\r")
        screen.until_shown("Edited: My invoice is wrong", "max_tokens 9")
        screen.type("\x1b")
        screen.until_shown("[Choose]")
        screen.type("\x1b")
        screen.until_shown("[1 All")
        screen.type("q")
        assert screen.end() == 0
        screen.check_restored()
