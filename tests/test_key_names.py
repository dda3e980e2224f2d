"""`[keys]` of the settings speaks of bindings that are really there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli_runs import Terminal
from tui.__main__ import binding_ids


def test_every_room_of_the_app_is_asked() -> None:
    ids = binding_ids()
    assert {"quit", "palette", "help.back", "move.down", "view.attention", "confirm.no", "launch"} <= ids


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ('quti = "f10"', 2, "keys: there is no key binding `quti`. Did you mean `quit`"),
        ('quit = "z"', 0, ""),
    ],
)
def test_a_wrong_name_is_said_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, code: int, said: str
) -> None:
    folder = tmp_path / "config" / "batchdeck"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(f"[keys]\n{line}\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder.parent))
    screen = Terminal(["-m", "tui", "--data-dir", str(tmp_path / "data")])
    try:
        if code == 0:
            screen.until("\x1b[?1049h")
            screen.until("batches")
            screen.type("z")
        assert screen.end() == code
    finally:
        screen.close()
    assert said in " ".join(screen.seen.split())
