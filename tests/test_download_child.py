"""The process that helps a fast download: whatever befalls it, what is known in the end is the same."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tui.errors import NotAvailable
from tui.paths import Paths
from tui.records import Indexer
from tui.records.child import BLOCK
from tui.records.portion import Kinds
from tui.simulator import Gate, Simulator
from tui.store import Store
from tui.sync import Downloads, child, indexing, transfer
from tui.sync.child import Child, Lost
from tui.sync.part import PartFile

from .conftest import Played
from .fault_proxy import FaultProxy
from .fetching import RESULTS, api, body, check, downloads, invent, line, store, through

__all__ = ["api", "downloads", "store"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no such child on Windows")

TOGETHER = 2_000


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[Child]:
    """Every download is helped from its first bytes on; the helpers, to be looked at or killed."""
    started: list[Child] = []

    class Prompt(Child):
        def __init__(self, path: Path) -> None:
            super().__init__(path)
            started.append(self)

        def is_ready(self) -> bool:
            return bool(self._read(10))

    monkeypatch.setattr(indexing, "Child", Prompt)
    monkeypatch.setattr(indexing, "is_possible", lambda: True)
    monkeypatch.setattr(indexing, "AT_ONCE", 0)
    monkeypatch.setattr(indexing, "FAST", 0)
    return started


def mixed(number: int) -> bytes:
    """Lines of every sort, good ones first, the last without its end."""
    lines = [line(n) for n in range(number)]
    lines[40:40] = [b"", b"no JSON", b'{"custom_id":"x","result":{"type":"expired"}}', b" "]
    lines[90:90] = [
        b'{"custom_id":"y","result":{"type":"later"}} {}',
        line(7).replace(b'"r7"', b"7"),
        b"\xff",
    ]
    return b"\n".join(lines)


async def rows(store: Store, batch_id: str) -> list[Any]:
    """What the index says, but for the number of the file."""
    found = await store.results.rows(await store.results.refs((batch_id,)))
    return [row._replace(file=0) for row in found]


async def test_rows_are_the_same_wherever_they_are_made(
    downloads: Downloads,
    store: Store,
    paths: Paths,
    simulator: Simulator,
    children: list[Child],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = mixed(TOGETHER)
    number = len([each for each in data.split(b"\n") if each.strip()])
    helped, alone = invent(simulator, data, number), invent(simulator, data, number)
    await downloads.fetch(helped)
    assert len(children) == 1 and children[0].is_begun
    monkeypatch.setattr(indexing, "is_possible", lambda: False)
    await downloads.fetch(alone)
    assert len(children) == 1
    found = await rows(store, helped.id)
    assert found == await rows(store, alone.id)
    assert len(found) == number and found[-1].custom_id == f"r{TOGETHER - 1}"
    assert await store.results.summary((helped.id,)) == await store.results.summary((alone.id,))
    assert paths.result_file(helped.id).read_bytes() == data


async def test_it_ends_with_the_download(
    downloads: Downloads, simulator: Simulator, children: list[Child]
) -> None:
    await downloads.fetch(invent(simulator, body(TOGETHER), TOGETHER))
    assert [each._process.returncode for each in children] == [0]


async def test_lines_longer_than_its_blocks(
    downloads: Downloads, store: Store, paths: Paths, simulator: Simulator, children: list[Child]
) -> None:
    lines = [line(n, BLOCK + n * 1_000 if n % 3 else 10) for n in range(40)]
    data = b"\n".join([line(0, 5 * BLOCK), *lines, b""])
    batch = invent(simulator, data, 41)
    assert (await downloads.fetch(batch)).lines == 41
    assert children[0].is_begun
    await check(store, paths, batch, data)


# ── one that is there early ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("fast", [0, 10**12])
async def test_a_big_download_is_helped_from_its_beginning(
    downloads: Downloads,
    store: Store,
    paths: Paths,
    simulator: Simulator,
    children: list[Child],
    monkeypatch: pytest.MonkeyPatch,
    fast: int,
) -> None:
    """The helper gets ready while the service is asked; it leaves again where the line is a slow one."""
    monkeypatch.setattr(transfer, "MANY", TOGETHER)
    monkeypatch.setattr(indexing, "FAST", fast)
    data = body(TOGETHER)
    batch = invent(simulator, data, TOGETHER)
    gate = Gate()
    asked = simulator.faults.add(RESULTS, "delay", gate=gate)
    task = downloads.start(batch)
    await asked.reached.wait()
    assert len(children) == 1 and not children[0].is_begun
    gate.set()
    await task
    await check(store, paths, batch, data)
    assert [each.is_begun for each in children] == [fast == 0]
    assert children[0]._process.returncode is not None


async def test_an_early_one_that_is_not_needed(
    downloads: Downloads, simulator: Simulator, children: list[Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "MANY", 1)
    simulator.faults.add(RESULTS, "not_found", times=None)
    with pytest.raises(NotAvailable):
        await downloads.fetch(invent(simulator, body(5), 5))
    assert len(children) == 4 and all(each._process.returncode is not None for each in children)


async def test_an_early_one_for_a_file_that_is_gone_on_with(
    played: Played,
    store: Store,
    paths: Paths,
    children: list[Child],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transfer, "MANY", 1)
    data = body(TOGETHER)
    batch = invent(played.simulator, data, TOGETHER)
    async with FaultProxy(played.url) as proxy, through(proxy, store, paths) as downloads:
        proxy.on(RESULTS, "cut_response", len(data) // 2)
        await downloads.fetch(batch)
    await check(store, paths, batch, data)
    assert [each.is_begun for each in children] == [True, True]


# ── what may befall it ───────────────────────────────────────────────────────────────────────────────────


def kill(child: Child) -> None:
    child._process.kill()
    child._process.wait()


def babble(child: Child) -> None:
    """What it says from now on means nothing."""
    child._received += b"\x04\0\0\0????"


def mislead(child: Child) -> None:
    """A whole message, of another kind."""
    child._received += b"\x05\0\0\0i\x07\0\0\0"


@pytest.mark.parametrize("befalls", [kill, babble, mislead], ids=lambda each: each.__name__)
@pytest.mark.parametrize("after", [1, 2, 9, 30])
async def test_whatever_befalls_it(
    downloads: Downloads,
    store: Store,
    paths: Paths,
    simulator: Simulator,
    children: list[Child],
    monkeypatch: pytest.MonkeyPatch,
    befalls: Callable[[Child], None],
    after: int,
) -> None:
    told = 0
    tell = Child.tell

    def telling(self: Child, size: int) -> None:
        nonlocal told
        told += 1
        if told == after:
            befalls(self)
        tell(self, size)

    monkeypatch.setattr(Child, "tell", telling)
    monkeypatch.setattr("tui.api.stream.PIECE", 1)
    data = body(TOGETHER)
    batch = invent(simulator, data, TOGETHER)
    await downloads.fetch(batch)
    assert told >= after
    await check(store, paths, batch, data)


async def test_it_cannot_be_started(
    downloads: Downloads,
    store: Store,
    paths: Paths,
    simulator: Simulator,
    children: list[Child],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", str(paths.data / "nothing"))
    data = body(TOGETHER)
    batch = invent(simulator, data, TOGETHER)
    await downloads.fetch(batch)
    await check(store, paths, batch, data)
    assert not children


async def test_it_never_comes_to_be_ready(
    downloads: Downloads,
    store: Store,
    paths: Paths,
    simulator: Simulator,
    children: list[Child],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(child, "_BEGIN", "import sys, os; {path!r}; os.read(0, 1)")
    monkeypatch.setattr(child.Child, "is_ready", lambda self: False)
    monkeypatch.setattr(indexing, "Child", child.Child)
    data = mixed(TOGETHER)
    number = len([each for each in data.split(b"\n") if each.strip()])
    batch = invent(simulator, data, number)
    assert (await downloads.fetch(batch)).lines == number
    assert paths.result_file(batch.id).read_bytes() == data


async def test_a_silent_one_is_given_up(
    downloads: Downloads,
    store: Store,
    paths: Paths,
    simulator: Simulator,
    children: list[Child],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(indexing, "PATIENCE", 0.05)
    monkeypatch.setattr(child, "LAST_WORDS", 0.05)
    begin = Child.begin

    def stopped(self: Child, *work: Any) -> None:
        begin(self, *work)
        self._process.send_signal(signal.SIGSTOP)

    monkeypatch.setattr(Child, "begin", stopped)
    data = body(TOGETHER)
    batch = invent(simulator, data, TOGETHER)
    await downloads.fetch(batch)
    await check(store, paths, batch, data)
    assert children[0]._process.returncode == -signal.SIGKILL


async def test_cut_lines_with_a_child_each(
    played: Played, store: Store, paths: Paths, children: list[Child]
) -> None:
    data = body(TOGETHER)
    batch = invent(played.simulator, data, TOGETHER)
    async with FaultProxy(played.url) as proxy, through(proxy, store, paths) as downloads:
        for count in (1, 2):
            proxy.on(RESULTS, "cut_response", count * len(data) // 3)
        lines: list[int] = []
        downloads.on_progress = lambda progress: lines.append(progress.lines)
        await downloads.fetch(batch)
    await check(store, paths, batch, data)
    assert len(children) == 3 and lines == sorted(lines)


async def test_what_is_there_already_is_indexed_with_it(
    downloads: Downloads, store: Store, paths: Paths, simulator: Simulator, children: list[Child]
) -> None:
    """A whole file that its index does not know, and of which the server confirms only a part."""
    data = body(TOGETHER)
    batch = invent(simulator, data, TOGETHER)
    await downloads.fetch(batch)
    path = paths.result_file(batch.id)
    path.write_bytes(data[: len(data) // 2] + b"x" * 20)
    await downloads.fetch(batch)
    await check(store, paths, batch, data)
    assert [each._process.returncode for each in children] == [0] * len(children)


async def test_a_stop_leaves_no_process(
    downloads: Downloads,
    store: Store,
    simulator: Simulator,
    children: list[Child],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transfer, "EVERY", 0)
    simulator.switches.results_rate = 100_000
    batch = invent(simulator, body(TOGETHER), TOGETHER)
    begun = asyncio.Event()
    downloads.on_progress = lambda progress: begun.set() if progress.lines > 20 else None
    task = downloads.start(batch)
    await asyncio.wait_for(begun.wait(), 20)
    downloads.stop(batch.id)
    with pytest.raises((NotAvailable, asyncio.CancelledError)):
        await task
    assert children and all(each._process.returncode is not None for each in children)
    kept = await store.results.file(batch.id)
    assert kept and kept.lines > 20


PARENT = """
import sys
from pathlib import Path
from tui.records.portion import Kinds
from tui.sync.child import Child
child = Child(Path(sys.argv[1]))
assert child._read(10)
child.begin(0, 0, Kinds())
child.tell(10)
print(child._process.pid, flush=True)
sys.stdin.read()
"""


def test_it_outlives_nobody(tmp_path: Path) -> None:
    path = tmp_path / "part"
    path.write_bytes(body(3))
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdout and parent.stdin
    pid = int(parent.stdout.readline())
    watched = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
    parent.kill()
    parent.wait()
    parent.stdout.close()
    parent.stdin.close()
    if watched is not None:
        assert select.select([watched], [], [], 10)[0], "it is still there"
        os.close(watched)


def test_it_knows_none_of_our_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-secret")
    monkeypatch.setattr(child, "_BEGIN", "{path!r}; import os; os.write(1, repr(os.environ).encode())")
    made = Child(tmp_path)
    said = b""
    os.set_blocking(made._from.fileno(), True)
    while more := made._from.read(10_000):
        said += more
    made.close()
    assert said and b"secret" not in said


def test_a_file_shorter_than_told(tmp_path: Path) -> None:
    path = tmp_path / "part"
    path.write_bytes(body(3))
    made = Child(path)
    assert made._read(10)
    made.begin(0, 0, Kinds())
    made.tell(10**9)
    with pytest.raises(Lost):
        while True:
            made.heard(10)
    made.close()


@pytest.mark.parametrize(
    ("size", "seconds", "starts"), [(5e6, 0.1, True), (5e6, 1.0, False), (1e6, 0, False)]
)
def test_only_a_fast_line_is_helped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: float, seconds: float, starts: bool
) -> None:
    class Found(Exception): ...

    def start(path: Path) -> Child:
        raise Found

    now = 0.0
    monkeypatch.setattr(indexing, "Child", start)
    monkeypatch.setattr(indexing, "is_possible", lambda: True)
    monkeypatch.setattr("tui.sync.indexing.time", SimpleNamespace(monotonic=lambda: now))
    with PartFile(tmp_path / "part") as part:
        made = indexing.Indexing(Indexer(), part)
        now = seconds
        data = b"x" * int(size)
        part.append(data)
        if starts:
            with pytest.raises(Found):
                made.grown(data)
        else:
            made.grown(data)
            assert made.indexer.pending == int(size)
