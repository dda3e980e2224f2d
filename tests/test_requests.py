"""Files of requests of any layout: where each one is, and what is found there again."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.hostile import HOSTILE
from tui.errors import NotAvailable
from tui.records import requests
from tui.records.requests import params_of, places
from tui.store.requests import Known, RequestFile, RequestIndex


def request(number: int, content: str = "Classify this.") -> dict[str, Any]:
    messages = [{"role": "user", "content": content}]
    return {"custom_id": f"r-{number}", "params": {"model": "m", "max_tokens": 5, "messages": messages}}


HOSTILE_REQUESTS = [request(n, text + '"},{"custom_id":"no') for n, text in enumerate(HOSTILE)]


def layouts(values: list[dict[str, Any]]) -> dict[str, bytes]:
    compact = [json.dumps(value, separators=(",", ":")).encode() for value in values]
    return {
        "lines": b"\n".join(compact) + b"\n",
        "CRLF, blank lines, a byte order mark": b"\xef\xbb\xbf\r\n" + b"\r\n\r\n".join(compact),
        "array": json.dumps(values).encode(),
        "indented array": b"\n \n" + json.dumps(values, indent=2).encode(),
        "side by side": b"".join(compact),
        "indented, side by side": b"\n".join(json.dumps(value, indent=1).encode() for value in values),
        "params first": b"\n".join(json.dumps(dict(reversed(value.items()))).encode() for value in values),
    }


@pytest.mark.parametrize("block", [1 << 20, 97, 1])
@pytest.mark.parametrize("layout", layouts([]))
def test_every_layout(layout: str, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "BLOCK", block)
    values = HOSTILE_REQUESTS if block > 1 else [request(n, '\\"[{') for n in range(20)]
    content = layouts(values)[layout]
    found = list(places(io.BytesIO(content)))
    assert [place.custom_id for place in found] == [value["custom_id"] for value in values]
    for place, value in zip(found, values, strict=True):
        there = content[place.offset : place.offset + place.length]
        assert json.loads(there) == value
        assert json.loads(params_of(there) or b"") == value["params"]


def test_any_border_between_two_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(7)
    values = [request(n, rng.choice(HOSTILE)[:60]) for n in range(30)]
    content = json.dumps(values, indent=1).encode()
    whole = list(places(io.BytesIO(content)))
    for block in rng.sample(range(2, 4_000), 30):
        monkeypatch.setattr(requests, "BLOCK", block)
        assert list(places(io.BytesIO(content))) == whole


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        (b"", []),
        (b" \n\n", []),
        (b"[]", []),
        (b"\xff\xfe\x00", []),
        (b'"abc', []),
        (b'{"custom_id":"cut', []),
        (b'[{"custom_id":"a"},{"custom_id":"cut', ["a"]),
        (b'{"custom_id":"a"}\n{bad\n{"custom_id":"b"}', ["a", "b"]),
        (b'{"custom_id":7}\n{"custom_id":null}\n{"params":{}}', ["7"]),
        (b'{"params":{"custom_id":"no"},"custom_id":"b\\u00eb"}', ["bë"]),
        (b"}}]]" + b'{"custom_id":"a"}', []),
        (b'[[{"custom_id":"deep"}]]', []),
        (b"[" * 5_000, []),
    ],
)
def test_what_is_damaged_stops_nothing(content: bytes, ids: list[str]) -> None:
    assert [place.custom_id for place in places(io.BytesIO(content))] == ids


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b"\xff", b'{"params":', b'{"custom_id":"a"}', b"[" * 5_000]
)
def test_params_that_are_not_there(raw: bytes) -> None:
    assert params_of(raw) is None


# -- the index ----------------------------------------------------------------------


@pytest.fixture
async def store(tmp_path: Path) -> Path:
    from tui.store import open_store

    async with open_store(tmp_path / "state.db") as opened:
        return opened.path


def indexed(store: Path, path: Path) -> Known:
    with RequestIndex(store) as index, path.open("rb") as handle:
        return index.write(str(path), path.stat(), "sum", places(handle))


def test_read_again_by_id(store: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(layouts(HOSTILE_REQUESTS)["indented array"])
    file = RequestFile(store, indexed(store, path))
    for value in HOSTILE_REQUESTS:
        assert json.loads(file.line(value["custom_id"]) or b"") == value
        assert json.loads(file.read(value["custom_id"]) or b"") == value["params"]
    for text in HOSTILE:
        assert file.read(text) is None
    file.close()
    assert file.read("r-0") is not None
    file.close()


def test_the_last_of_a_repeated_id_counts(store: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(request(n % 3, str(n))) + "\n" for n in range(10)), encoding="utf-8")
    known = indexed(store, path)
    with RequestIndex(store) as index:
        assert (known.requests, index.distinct(known.id)) == (10, 3)
        assert index.known(str(path)) == known
    file = RequestFile(store, known)
    assert b'"9"' in (file.line("r-0") or b"") and b'"7"' in (file.line("r-1") or b"")
    file.close()


def test_a_file_that_changes_or_goes_is_not_read_wrongly(store: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(request(1)), encoding="utf-8")
    known = indexed(store, path)
    path.write_text("x" + json.dumps(request(1)), encoding="utf-8")
    with pytest.raises(NotAvailable, match="has changed"):
        RequestFile(store, known).read("r-1")
    path.unlink()
    with pytest.raises(NotAvailable, match="cannot be read: No such file"):
        RequestFile(store, known).read("r-1")


def test_an_index_that_was_broken_off_is_none(store: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(request(1)), encoding="utf-8")

    def cut() -> Any:
        with path.open("rb") as handle:
            yield from places(handle)
        raise KeyboardInterrupt

    with RequestIndex(store) as index:
        with pytest.raises(KeyboardInterrupt):
            index.write(str(path), path.stat(), "sum", cut())
        assert index.known(str(path)) is None
    assert indexed(store, path).requests == 1
