"""Exports as both faces ask for them: fetched first, chosen, counted, stopped, refused in a sentence."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tests.exporting import table
from tests.handling import BATCHES, asked, ended, names, polled, running
from tui.commands import Attach, Done, Download, Export
from tui.errors import NotAvailable, StoreError, UsageError
from tui.export import COLUMNS
from tui.handlers import Services, exporting, run
from tui.handlers.export_rows import ExportRows, Stopped
from tui.model import Order, Pattern, ResultFilter, Selection
from tui.simulator import Simulator


def only(outcome: str, order: Order | None = None) -> Selection:
    return Selection(ResultFilter(outcome=outcome), order=order or Order())


async def test_an_export_has_the_bytes_of_the_service(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    batch_id = ended(simulator, ("prose", 20), ("expired", 3))
    simulator.switches.results_final_newline = True
    await polled(services)
    done = await run(services, Export((batch_id,), tmp_path / "all.jsonl"))
    assert done == Done(f"Saved 23 results to {tmp_path}/all.jsonl.")
    whole = services.paths.result_file(batch_id).read_bytes()
    assert (tmp_path / "all.jsonl").read_bytes() == whole
    done = await run(services, Export((batch_id,), tmp_path / "some.jsonl", selection=only("expired")))
    assert done == Done(f"Saved 3 of 23 results to {tmp_path}/some.jsonl.")
    some = (tmp_path / "some.jsonl").read_bytes()
    assert some.count(b"\n") == some.count(b'"expired"') == 3
    stream = io.BytesIO()
    assert await exporting.export_stream(services, Export((batch_id,), Path("-")), stream) == Done(
        "23 results."
    )
    assert stream.getvalue() == whole
    assert len(asked(simulator, "GET", f"{BATCHES}/*/results")) == 1


async def test_several_batches_are_taken_one_after_the_other_or_sorted(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    scope = (ended(simulator, ("prose", 7)), ended(simulator, ("prose", 5), ("expired", 4)))
    await polled(services)
    await run(services, Export(scope, tmp_path / "all"))
    parts = [services.paths.result_file(each).read_bytes().splitlines() for each in scope]
    assert (tmp_path / "all").read_bytes().splitlines() == parts[0] + parts[1]
    by_length = Selection(order=Order("length", reverse=True))
    done = await run(services, Export(scope, tmp_path / "sorted", selection=by_length))
    assert "Saved 16 results" in done.message
    lengths = list(map(len, (tmp_path / "sorted").read_bytes().splitlines()))
    assert lengths == sorted(lengths, reverse=True)
    assert len(lengths) == 16


async def test_tables_have_costs(services: Services, simulator: Simulator, tmp_path: Path) -> None:
    batch_id = ended(simulator, ("prose", 2), ("expired", 1))
    await polled(services)
    await run(services, Export((batch_id,), tmp_path / "out.csv", "csv"))
    head, *rows = table(tmp_path / "out.csv")
    costs = {row[1]: row[head.index("cost_usd")] for row in rows}
    assert float(costs["succeeded"]) > 0
    assert costs["expired"] == "0"


async def test_a_folder_of_answers(services: Services, simulator: Simulator, tmp_path: Path) -> None:
    batch_id = ended(simulator, ("prose", 4), ("expired", 1))
    await polled(services)
    done = await run(services, Export((batch_id,), tmp_path / "out", "files", only("succeeded")))
    assert done.message == f"Saved 4 of 5 results to {tmp_path}/out."
    assert len(list((tmp_path / "out").glob("*.md"))) == 4


async def test_parquet(services: Services, simulator: Simulator, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    batch_id = ended(simulator, ("prose", 4), ("expired", 1))
    await polled(services)
    await run(services, Export((batch_id,), tmp_path / "out.parquet", "parquet"))
    assert parquet.read_table(tmp_path / "out.parquet").num_rows == 5


async def test_a_source_gets_its_answers(services: Services, simulator: Simulator, tmp_path: Path) -> None:
    batch_id = ended(simulator, ("prose", 4), ("expired", 2))
    await polled(services)
    await run(services, Download((batch_id,)))
    ids = [
        json.loads(line)["custom_id"]
        for line in services.paths.result_file(batch_id).read_bytes().splitlines()
    ]
    (tmp_path / "in.csv").write_text(
        "ticket,n\n" + "".join(f"{each},1\n" for each in [*ids[1:], "zz", ids[1]])
    )
    command = Export((batch_id,), tmp_path / "out.csv", "csv", join=tmp_path / "in.csv")
    done = await run(services, command)
    assert done.message == (
        f"Saved 7 rows of in.csv to {tmp_path}/out.csv: 6 with a result (matched by “ticket”);"
        " 1 without a result; 1 result matched no row."
    )
    rows = table(tmp_path / "out.csv")
    assert [row[0] for row in rows] == ["ticket", *ids[1:], "zz", ids[1]]
    some = replace(command, path=tmp_path / "some.csv", selection=only("expired"))
    assert "whose result is filtered out" in (await run(services, some)).message
    wrong = replace(command, path=tmp_path / "wrong.csv", key="n")
    with pytest.raises(UsageError, match="custom_id of these results in its column “n”"):
        await run(services, wrong)
    with pytest.raises(UsageError, match="is the source itself"):
        await run(services, replace(command, path=tmp_path / "in.csv", overwrite=True))
    assert not (tmp_path / "wrong.csv").exists()


SAYS = (b"red apple", b"Zo\\u00eb", b"green apple", b"blue")


async def saying(services: Services, simulator: Simulator, *said: bytes) -> str:
    """A batch whose answers say this, from `q-0` on; polled."""
    batch_id = ended(simulator, ("prose", len(said)))
    line = (
        b'{"custom_id":"q-%d","result":{"type":"succeeded","message":{"model":"m","stop_reason":"end_turn",'
        b'"content":[{"type":"text","text":"%b"}]}}}\n'
    )
    simulator.replace_results(batch_id, [line % (number, each) for number, each in enumerate(said)])
    await polled(services)
    return batch_id


async def test_only_what_a_search_finds(services: Services, simulator: Simulator, tmp_path: Path) -> None:
    batch_id = await saying(services, simulator, *SAYS)
    apples = Selection(pattern=Pattern("APPLE"), order=Order("custom_id", reverse=True))
    done = await run(services, Export((batch_id,), tmp_path / "apples.csv", "csv", apples))
    assert done.message == f"Saved 2 of 4 results to {tmp_path}/apples.csv."
    assert [row[3] for row in table(tmp_path / "apples.csv")[1:]] == ["green apple", "red apple"]
    exact = Selection(pattern=Pattern("Zoë|RED", regex=True, ignore_case=False))
    await run(services, Export((batch_id,), tmp_path / "zoe.csv", "csv", exact))
    assert [row[3] for row in table(tmp_path / "zoe.csv")[1:]] == ["Zoë"]
    bad = Selection(pattern=Pattern("(", regex=True))
    with pytest.raises(UsageError):
        await run(services, Export((batch_id,), tmp_path / "bad.csv", "csv", bad))
    assert names(tmp_path) == {"apples.csv", "zoe.csv", "config", "data", "log"}


async def test_fields_of_all_answers_become_columns(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    said = (b'{\\"n\\": 1, \\"in\\": {\\"a.b\\": \\"=x\\"}}', b'```json\\n{\\"n\\": 2.5}\\n```', b"prose")
    batch_id = await saying(services, simulator, *said)
    await run(services, Export((batch_id,), tmp_path / "out.csv", "csv", fields=True))
    rows = table(tmp_path / "out.csv")
    assert [row[len(COLUMNS) :] for row in rows] == [
        ["field.n", 'field.in."a.b"'],
        ["1", "'=x"],
        ["2.5", ""],
        ["", ""],
    ]
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    await run(services, Export((batch_id,), tmp_path / "out.parquet", "parquet", fields=True))
    assert parquet.read_table(tmp_path / "out.parquet")["field.n"].to_pylist() == [1.0, 2.5, None]


async def test_lines_get_their_requests(services: Services, simulator: Simulator, tmp_path: Path) -> None:
    batch_id = await saying(services, simulator, *SAYS)
    await run(services, Download((batch_id,)))
    params = b'{"model":"m", "max_tokens":1.0,"messages":[{"role":"user","content":"%d"}]}'
    (tmp_path / "requests.jsonl").write_bytes(
        b"".join(b'{"custom_id":"q-%d","params":%b}\n' % (number, params % number) for number in range(3))
    )
    await run(services, Attach(batch_id, tmp_path / "requests.jsonl"))
    done = await run(services, Export((batch_id,), tmp_path / "out", requests=True))
    assert done.message == f"Saved 4 results to {tmp_path}/out: 1 without a known request."
    lines = (tmp_path / "out").read_bytes().splitlines()
    assert lines[2].startswith(b'{"custom_id":"q-2","params":' + params % 2 + b',"result":{')
    assert b"params" not in lines[3]


async def test_progress_is_told_on_the_loop(services: Services, simulator: Simulator, tmp_path: Path) -> None:
    batch_id = ended(simulator, ("prose", 1_200))
    await polled(services)
    heard: list[tuple[threading.Thread, int, int]] = []
    command = Export((batch_id,), tmp_path / "out")
    await exporting.export(services, command, lambda *news: heard.append((threading.current_thread(), *news)))
    await asyncio.sleep(0)
    assert {thread for thread, _, _ in heard} == {threading.current_thread()}
    assert [(done, total) for _, done, total in heard] == [(n, 1_200) for n in (0, 500, 1_000, 1_200)]


async def test_an_export_overwrites_only_on_the_user_s_word(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    batch_id = ended(simulator)
    await polled(services)
    (tmp_path / "out").write_text("precious")
    with pytest.raises(UsageError, match="exists already"):
        await run(services, Export((batch_id,), tmp_path / "out"))
    assert (tmp_path / "out").read_text() == "precious"
    await run(services, Export((batch_id,), tmp_path / "out", overwrite=True))
    assert (tmp_path / "out").read_bytes().count(b"\n") == 5


@pytest.mark.parametrize("format", ["jsonl", "csv", "files", "parquet"])
async def test_a_cancelled_export_leaves_nothing(
    services: Services, simulator: Simulator, tmp_path: Path, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if format == "parquet":
        pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    batch_id = ended(simulator, ("prose", 600))
    await polled(services)
    await run(services, Download((batch_id,)))
    reached, loop = asyncio.Event(), asyncio.get_running_loop()
    portions = iter(range(10))

    def held(rows: ExportRows) -> None:
        if next(portions) == 1:
            loop.call_soon_threadsafe(reached.set)
            rows.stop.wait(30)
            raise Stopped

    monkeypatch.setattr(ExportRows, "go_on", held)
    saving = asyncio.ensure_future(run(services, Export((batch_id,), tmp_path / "out", format)))
    await reached.wait()
    assert len(names(tmp_path)) == 4, "something is being written"
    saving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saving
    assert names(tmp_path) == {"config", "data", "log"}


async def test_results_that_were_tampered_with_are_said(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    batch_id = ended(simulator)
    await polled(services)
    await run(services, Download((batch_id,)))
    services.paths.result_file(batch_id).write_bytes(b"{}\n")
    with pytest.raises(StoreError, match="Download them again"):
        await run(services, Export((batch_id,), tmp_path / "out"))
    assert not (tmp_path / "out").exists()


async def test_all_of_a_scope_must_be_there(services: Services, simulator: Simulator, tmp_path: Path) -> None:
    scope = (ended(simulator), running(simulator))
    await polled(services)
    with pytest.raises(NotAvailable, match="has not ended yet"):
        await run(services, Export(scope, tmp_path / "out"))
    assert not (tmp_path / "out").exists()


NOWHERE = Export(("x",), Path("out"))


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (replace(NOWHERE, format="xls"), "no format “xls”. Choose one of jsonl, csv, parquet, files"),
        (replace(NOWHERE, join=Path("a")), "is a table"),
        (replace(NOWHERE, key="a"), "Name the source"),
        (replace(NOWHERE, selection=Selection(pattern=Pattern("(", regex=True))), "regular expression"),
        (replace(NOWHERE, fields=True), "Only tables"),
        (replace(NOWHERE, requests=True, format="csv"), "Only JSON lines"),
        (
            replace(NOWHERE, format="csv", join=Path("a"), selection=Selection(order=Order("length"))),
            "keeps its own order",
        ),
    ],
)
async def test_wishes_that_do_not_go_together(services: Services, command: Export, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        await run(services, command)
    with pytest.raises(UsageError, match=said):
        await exporting.export_stream(services, command, io.BytesIO())


@pytest.mark.parametrize("format", ["files", "parquet"])
async def test_what_is_no_stream(services: Services, format: str) -> None:
    with pytest.raises(UsageError, match="cannot go to standard output"):
        await exporting.export_stream(services, replace(NOWHERE, format=format), io.BytesIO())
