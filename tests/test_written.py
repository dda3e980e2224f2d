"""Drafts that this process wrote are not summed again, unless anything at all may have changed them."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.launching import prepared
from tui.commands import Send
from tui.errors import UsageError
from tui.handlers import run, written
from tui.handlers.services import Services
from tui.handlers.written import is_as_written, remember

LONG_AGO = 1_000_000_123_456_789


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """One that was written long enough ago for the next write to show."""
    path = tmp_path / "draft.jsonl"
    path.write_bytes(b"abc")
    os.utime(path, ns=(LONG_AGO, LONG_AGO))
    remember(path, "sum")
    return path


def wait_for_another_time(path: Path) -> None:
    """Until a file that is written now gets another time than this one has."""
    beside = path.with_suffix(".beside")
    while not beside.exists() or beside.stat().st_ctime_ns == path.stat().st_ctime_ns:
        beside.write_bytes(b"")


def rewritten(path: Path) -> None:
    path.write_bytes(b"abd")


def rewritten_and_set_back(path: Path) -> None:
    path.write_bytes(b"abd")
    os.utime(path, ns=(LONG_AGO, LONG_AGO))


def grown(path: Path) -> None:
    with path.open("ab") as handle:
        handle.write(b"d")
    os.utime(path, ns=(LONG_AGO, LONG_AGO))


def replaced(path: Path) -> None:
    other = path.with_suffix(".other")
    other.write_bytes(b"abd")
    os.utime(other, ns=(LONG_AGO, LONG_AGO))
    other.replace(path)


def test_what_was_left_alone_is_as_written(draft: Path) -> None:
    assert is_as_written(draft, "sum")
    draft.read_bytes()
    assert is_as_written(draft, "sum")
    assert not is_as_written(draft, "another")
    assert not is_as_written(draft.with_name("another"), "sum")


@pytest.mark.parametrize("change", [rewritten, rewritten_and_set_back, grown, replaced])
def test_what_was_changed_is_not(change: Callable[[Path], None], draft: Path) -> None:
    wait_for_another_time(draft)
    change(draft)
    assert not is_as_written(draft, "sum")


def test_a_draft_that_is_gone_is_told_like_any_missing_file(draft: Path) -> None:
    draft.unlink()
    with pytest.raises(FileNotFoundError):
        is_as_written(draft, "sum")
    remember(draft, "sum")
    assert not is_as_written(draft, "sum")


def test_what_was_written_just_now_could_change_within_its_time(tmp_path: Path) -> None:
    path = tmp_path / "draft.jsonl"
    path.write_bytes(b"abc")
    soon = time.time_ns() + written.TICK
    os.utime(path, ns=(soon, soon))
    remember(path, "sum")
    assert not is_as_written(path, "sum")


def test_times_in_whole_seconds_tell_nothing(tmp_path: Path) -> None:
    path = tmp_path / "draft.jsonl"
    path.write_bytes(b"abc")
    os.utime(path, ns=(10**18, 10**18))
    remember(path, "sum")
    assert not is_as_written(path, "sum")


def test_only_so_many_are_remembered(draft: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written, "_written", {})
    monkeypatch.setattr(written, "MOST", 2)
    drafts = [draft.with_name(str(number)) for number in range(3)]
    for path in drafts:
        path.write_bytes(b"abc")
        os.utime(path, ns=(LONG_AGO, LONG_AGO))
        remember(path, "sum")
    assert [is_as_written(path, "sum") for path in drafts] == [False, True, True]


async def test_a_draft_as_written_is_sent_without_another_sum(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch = await prepared(services, tmp_path)
    draft = services.paths.draft_file(launch.id)
    os.utime(draft, ns=(LONG_AGO, LONG_AGO))
    remember(draft, launch.sha256)

    def never(*_: Any) -> Any:
        raise AssertionError("summed")

    monkeypatch.setattr(hashlib, "file_digest", never)
    assert (await run(services, Send(launch.id))).state == "sent"


async def test_a_draft_that_was_changed_since_is_not_sent(services: Services, tmp_path: Path) -> None:
    launch = await prepared(services, tmp_path)
    draft = services.paths.draft_file(launch.id)
    os.utime(draft, ns=(LONG_AGO, LONG_AGO))
    remember(draft, launch.sha256)
    wait_for_another_time(draft)
    content = draft.read_bytes()
    draft.write_bytes(content.replace(b'"user"', b'"User"'))
    os.utime(draft, ns=(LONG_AGO, LONG_AGO))
    with pytest.raises(UsageError, match="has changed since it was checked"):
        await run(services, Send(launch.id))
