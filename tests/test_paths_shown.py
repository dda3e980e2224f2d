"""Paths as people type them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui.paths import shown


def test_paths_are_shown_as_one_would_type_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clean_environment: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(str(tmp_path / "a" / "b.csv")) == os.path.join("a", "b.csv")
    assert shown(str(clean_environment / "b.csv")) == os.path.join("~", "b.csv")
    assert shown("/elsewhere/b.csv") == "/elsewhere/b.csv"
    assert shown("plain.csv") == "plain.csv"
