"""The user's own table with the answers beside it: its rows, their order and their writing as they were."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.exporting import ERRORED, Joiner, results, says
from tui.errors import UsageError
from tui.export import Bodies, Extras, Field, Joining, Lookup, Stream, look

NEW = (
    "outcome,stop_reason,text,error_type,error_message,model,input_tokens,output_tokens,"
    "cache_write_5m_tokens,cache_write_1h_tokens,cache_read_tokens,cost_usd"
)
A = "succeeded,end_turn,yes,,,claude-haiku-5-5,18,7,0,0,0,"
NONE = "missing" + "," * 11


@pytest.fixture
def joiner(tmp_path: Path) -> Joiner:
    return Joiner(tmp_path, says("a", "yes"), ERRORED, says("d", '=1, "x"\n'))


def source(folder: Path, content: bytes, name: str = "in.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def rows(content: bytes, delimiter: str = ",", encoding: str = "utf-8") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(encoding), newline=""), delimiter=delimiter))


def test_rows_keep_their_order_and_their_very_writing(joiner: Joiner, tmp_path: Path) -> None:
    lines = ['custom_id , "note"', 'zz,"two\r\nlines, quoted"', "a,  b ", 'a,"again"', "", '"d",x"y']
    path = source(tmp_path, "\n".join(lines).encode())
    written, done = joiner.join(path, "custom_id ")
    assert written.decode().split("\n") == [
        f"{lines[0]},{NEW}",
        'zz,"two\r',
        f'lines, quoted",{NONE}',
        f"{lines[2]},{A}",
        f"{lines[3]},{A}",
        "",
        f'{lines[5]},succeeded,end_turn,"\'=1, ""x""',
        '",,,claude-haiku-5-5,18,7,0,0,0,',
    ]
    assert (done.rows, done.answered, done.missing, done.filtered) == (4, 3, 1, 0)
    assert [joiner.rows[ref].custom_id for ref in joiner.used] == ["a", "a", "d"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_breaks_are_those_of_the_source(joiner: Joiner, tmp_path: Path, end: str, last: bool) -> None:
    content = end.join(("id,x", "a,1", "b,2")) + end * last
    written, _ = joiner.join(source(tmp_path, content.encode()))
    lines = written.decode().split(end)
    assert len(lines) == 3 + last
    assert lines[1] == f"a,1,{A}"
    assert lines[2].startswith("b,2,errored,,,invalid_request_error,max_tokens: Field required,")


@pytest.mark.parametrize(
    ("bom", "encoding", "written_as"),
    [
        (b"", "utf-8", "utf-8"),
        (b"\xef\xbb\xbf", "utf-8", "utf-8"),
        (b"\xff\xfe", "utf-16-le", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be", "utf-16-be"),
        (b"", "cp1252", "utf-8"),
    ],
)
def test_encodings(joiner: Joiner, tmp_path: Path, bom: bytes, encoding: str, written_as: str) -> None:
    path = source(tmp_path, bom + "id,Größe\na,“x\u00a0é”\n".encode(encoding))
    written, _ = joiner.join(path)
    assert written.startswith(bom)
    first, second = rows(written[len(bom) :], encoding=written_as)
    assert first[:2] == ["id", "Größe"]
    assert second[:3] == ["a", "“x\u00a0é”", "succeeded"]


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_delimiters(joiner: Joiner, tmp_path: Path, delimiter: str) -> None:
    content = f'id{delimiter}b, c\na{delimiter}"x{delimiter}y, z"\n'
    written, _ = joiner.join(source(tmp_path, content.encode()))
    assert [row[:3] for row in rows(written, delimiter)] == [
        ["id", "b, c", "outcome"],
        ["a", f"x{delimiter}y, z", "succeeded"],
    ]


def test_a_table_with_tabs_in_which_quotes_are_letters(joiner: Joiner, tmp_path: Path) -> None:
    path = source(tmp_path, b'id\tsize\na\t"5 inch\nb\t6"\nx\t"\n', "in.tsv")
    written, done = joiner.join(path)
    assert [row[:3] for row in rows(written, "\t")] == [
        ["id", "size", "outcome"],
        ["a", '"5 inch', "succeeded"],
        ["b", '6"', "errored"],
        ["x", '"', "missing"],
    ]
    assert done.rows == 3


def test_rows_of_all_widths_stay_under_their_head(joiner: Joiner, tmp_path: Path) -> None:
    path = source(tmp_path, b"id,x\na\nb,1,2,3\na,1\n")
    found = rows(joiner.join(path)[0])
    assert {len(row) for row in found} == {4 + 12}
    assert found[0][:5] == ["id", "x", "", "", "outcome"]
    assert [row[4] for row in found[1:]] == ["succeeded", "errored", "succeeded"]
    assert look(path).ragged == 2


def test_new_columns_have_names_of_their_own(joiner: Joiner, tmp_path: Path) -> None:
    extras = Extras(fields=[Field("x"), Field("Y"), Field("y")], read=lambda raw: {"x": 1})
    written, _ = joiner.join(source(tmp_path, b"id,Text,outcome,outcome_2,field.x\na,,,,\n"), "", extras)
    head, row = rows(written)
    assert len({name.casefold() for name in head}) == len(head)
    assert head[5:8] == ["outcome_3", "stop_reason", "text_2"]
    assert head[-3:] == ["field.x_2", "field.Y", "field.y_2"]
    assert row[-3:] == ["1", "", ""]


def test_cells_of_the_source_are_not_guarded(joiner: Joiner, tmp_path: Path) -> None:
    written, _ = joiner.join(source(tmp_path, b"id,f\nd,=SUM(A1)\n"))
    _, row = rows(written)
    assert row[1] == "=SUM(A1)"
    assert row[4] == '\'=1, "x"\n'


def test_results_nobody_asked_for_are_told_from_missing_ones(joiner: Joiner, tmp_path: Path) -> None:
    joiner.hidden.add("a")
    written, done = joiner.join(source(tmp_path, b"id\na\nb\nc\n"))
    assert [row[1] for row in rows(written)[1:]] == ["filtered", "errored", "missing"]
    assert (done.answered, done.filtered, done.missing) == (1, 1, 1)


def test_keys_may_have_spaces_around_them(joiner: Joiner, tmp_path: Path) -> None:
    written, done = joiner.join(source(tmp_path, b"id,x\n a ,1\n,2\n"))
    assert written.startswith(b"id,x,outcome")
    assert (done.answered, done.missing) == (1, 1)


# Which column


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ("x,custom_id,id", "custom_id"),
        ("custom_id,x,y", "x"),  # where the values are counts, not the name
        ("x,ID,y", "ID"),
        ("x,ticket,y", "ticket"),
    ],
)
def test_the_key_column_is_guessed(joiner: Joiner, tmp_path: Path, head: str, found: str) -> None:
    names = head.split(",")
    lines = [",".join("ab"[n] if name == found else str(n) for name in names) for n in range(2)]
    written, _ = joiner.join(source(tmp_path, "\n".join([head, *lines]).encode()))
    assert [row[3] for row in rows(written)[1:]] == ["succeeded", "errored"]


@pytest.mark.parametrize(
    ("content", "key", "said"),
    [
        (b"x,y\n1,2\n", "", "No column of in.csv holds custom_ids.*--key; there are x, y"),
        (b"x,y\na,a\n", "", "“x” and “y” of in.csv both hold"),
        (b"x,y\na,b\n", "z", "no column “z”"),
        (b"x,x\na,b\n", "x", "2 columns “x”"),
        (b"", "", "is empty"),
        (b"\n\n", "", "is empty"),
        (b"PK\x03\x04...", "", "is no CSV or TSV file"),
        ("id,x\na,1\n".encode("utf-16-le"), "", "is no CSV or TSV file"),
        (b' {"custom_id": "a"}\n', "", "is JSON, not a table"),
        (b'id,x\na,"open\nb,1\n', "", "quote that opens in row 2 is never closed"),
    ],
)
def test_sources_that_cannot_be_joined(
    joiner: Joiner, tmp_path: Path, content: bytes, key: str, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        joiner.join(source(tmp_path, content), key)


@pytest.mark.parametrize("name", ["absent", "folder"])
def test_sources_that_are_no_files(joiner: Joiner, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match="is no file"):
        joiner.join(tmp_path / name)


def test_a_cell_as_long_as_a_book(joiner: Joiner, tmp_path: Path) -> None:
    book = "words, and more words\n" * 50_000
    written, _ = joiner.join(source(tmp_path, f'id,x\na,"{book}"\nb,\n'.encode()))
    found = rows(written)
    assert found[1][1] == book
    assert [row[2] for row in found] == ["outcome", "succeeded", "errored"]


def test_a_source_of_many_rows_is_read_in_portions(joiner: Joiner, tmp_path: Path) -> None:
    path = source(tmp_path, b"id,n\n" + b"".join(b"%b,%d\n" % (b"abd"[n % 3 :][:1], n) for n in range(2_000)))
    written, done = joiner.join(path)
    assert done.answered == 2_000
    assert [row[1] for row in rows(written)[1:]] == list(map(str, range(2_000)))


# By the number of the row


def test_rows_are_found_by_their_number(joiner: Joiner, tmp_path: Path) -> None:
    """Rows that look alike, blank lines, rows that no request was made of."""
    path = source(tmp_path, b'text,n\nsame,1\n\nsame,2\n   \n"so\nlong",3\n,,\nsame,5\n')
    written, done = joiner.join(path, None, made=[(1, "d"), (3, "a"), (5, "b")])
    found = [row for row in rows(written)[1:] if row]
    assert [[row[1], row[3]] for row in found] == [
        ["1", "succeeded"],
        ["2", "missing"],
        ["", "missing"],  # white space only: it is in the table, but not counted
        ["3", "succeeded"],
        ["", "missing"],
        ["5", "errored"],
    ]
    assert [joiner.rows[ref].custom_id for ref in joiner.used] == ["d", "a", "b"]
    assert (done.answered, done.missing) == (3, 3)


def test_some_ids_were_made_and_others_are_in_a_column(joiner: Joiner, tmp_path: Path) -> None:
    """The first row has its own custom_id, the second one repeats it and was given another."""
    path = source(tmp_path, b"id,n\na,1\na,2\nb,3\n")
    written, done = joiner.join(path, "id", made=iter([(2, "d")]))
    assert [joiner.rows[ref].custom_id for ref in joiner.used] == ["a", "d", "b"]
    assert done.answered == 3
    assert [row[2] for row in rows(written)[1:]] == ["succeeded", "succeeded", "errored"]


@pytest.mark.parametrize("made", [[(1, "a"), (3, "b")], [(4, "b")]])
def test_a_source_that_has_become_shorter_is_refused(
    joiner: Joiner, tmp_path: Path, made: list[tuple[int, str]]
) -> None:
    with pytest.raises(UsageError, match="fewer rows than when it was launched"):
        joiner.join(source(tmp_path, b"n\n1\n2\n"), None, made=made)


def test_rows_by_number_are_never_held_together(joiner: Joiner, tmp_path: Path) -> None:
    """What was made is asked for as the rows come: never more than a portion ahead."""
    asked = 0

    def made() -> Iterator[tuple[int, str]]:
        nonlocal asked
        for number in range(1, 5_001):
            asked = number
            yield number, "abd"[number % 3]

    heard: list[tuple[int, int]] = []
    path = source(tmp_path, b"n\n" + b"".join(b"%d\n" % n for n in range(5_000)))
    found = look(path)
    with Bodies({1: joiner.path}) as bodies:
        lookup = Lookup(
            joiner.find, lambda refs: bodies.lines([joiner.rows[ref] for ref in refs]), lambda _: True, len_of
        )
        joining = Joining(found, None, lookup, Extras(), made())
        joining.write(Stream(io.BytesIO()), lambda done: heard.append((done, asked)))
    assert heard[-1] == (5_000, 5_000)
    assert all(ahead <= done + 1 for done, ahead in heard)
    assert joining.done.answered == 5_000


def len_of(_: int) -> None:
    """Nobody wants to know."""


def test_other_separators_are_letters(joiner: Joiner, tmp_path: Path) -> None:
    content = "id,x\na,one\u2028two\x85three\x0cfour\n"
    written, done = joiner.join(source(tmp_path, content.encode()))
    assert done.rows == 1
    assert rows(written)[1][1] == "one\u2028two\x85three\x0cfour"


def test_a_join_without_a_source_of_its_own_is_no_problem(tmp_path: Path) -> None:
    path, _ = results(tmp_path, says("a", "x"))
    assert look(source(tmp_path, b"just one column\nx\n")).delimiter == ","
    assert path.exists()
