"""Files as rows: text, PDF and images, told by what is in them, and files of which nothing can be made."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import IO

import pytest

from tests.recipes import made, making, prompts, requests, told
from tui.model import MOST_BYTES
from tui.sources.files import folders
from tui.sources.files.splitting import Broken

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 60
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 60
GIF = b"GIF89a" + b"\0" * 60
WEBP = b"RIFF\x10\0\0\0WEBPVP8 " + b"\0" * 60
PDF = b"%PDF-1.7\n" + b"x" * 60 + b"\n%%EOF\n"


class OneFile:
    """A file at hand, as the rows of a folder ask for it."""

    def __init__(self, path: Path, name: str = "") -> None:
        self.path = path
        self.name = name or path.name

    def open(self) -> IO[bytes]:
        try:
            return self.path.open("rb")
        except OSError as error:
            raise Broken(0, "It is gone", "Look for it.") from error


def findings(path: Path, content: bytes, most: int = MOST_BYTES) -> list[tuple[str, str]]:
    path.write_bytes(content)
    (row,) = folders.rows([OneFile(path)], most=most)
    return [(each.severity, each.what) for each in row.findings]


def test_each_file_is_a_request_named_by_its_stem(tmp_path: Path) -> None:
    for number in (10, 9, 0):
        (tmp_path / f"{number}.txt").write_text(f"Article “{number}”\n")
    items = made(tmp_path, making())
    assert [request["custom_id"] for request in requests(items)] == ["0", "9", "10"]
    assert prompts(items) == ["Article “0”\n", "Article “9”\n", "Article “10”\n"]
    assert [(item.file, item.line, item.named) for item in items] == [
        ("0.txt", 0, None),
        ("9.txt", 0, None),
        ("10.txt", 0, None),
    ]


def test_names_that_are_no_ids_are_mapped_and_kept(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("a lease.txt", "a_lease.md", "b/a lease.txt", "ü.txt"):
        (tmp_path / name).write_text("x")
    items = made(tmp_path, making())
    assert [
        (request["custom_id"], item.named) for request, item in zip(requests(items), items, strict=True)
    ] == [
        ("a_lease", "a lease.txt"),
        ("a_lease-2", "a_lease.md"),
        ("a_lease-3", "b/a lease.txt"),
        ("row-4", "ü.txt"),
    ]


def test_what_templates_may_use_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "my.note.md").write_text("Hello {{ 7*7 }}")
    (tmp_path / "z.txt").write_text("z")
    prompt = "{{ file.name }} {{ file.stem }} {{ file.path }} {{ file.suffix }} {{ text }}"
    items = made(tmp_path, making(prompt=prompt, custom_id="{{ file.stem|replace('.', '-') }}"))
    assert prompts(items)[0] == "my.note.md my.note sub/my.note.md .md Hello {{ 7*7 }}"
    assert requests(items)[0]["custom_id"] == "my-note"


def test_what_is_suggested_for_a_file_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    for wrong in ("stem", 'row["file.stem"]'):
        (line,) = told(made(tmp_path, making(prompt="{{ " + wrong + " }} {{ text }}")))
        assert "file.stem" in line.partition(" – ")[2]
        assert 'row["' not in line
    assert prompts(made(tmp_path, making(prompt="{{ file.stem }}"))) == ["a"]


@pytest.mark.parametrize(
    ("content", "media"),
    [
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (GIF, "image/gif"),
        (WEBP, "image/webp"),
        (PDF, "application/pdf"),
    ],
)
@pytest.mark.parametrize("name", ["a.png", "a.pdf", "a.txt", "a"])
def test_media_are_known_by_their_bytes(tmp_path: Path, content: bytes, media: str, name: str) -> None:
    (tmp_path / name).write_bytes(content)
    ((block, text),) = prompts(made(tmp_path / name, making(prompt="What is {{ file.name }}?{{ text }}")))
    assert block["type"] == ("document" if media == "application/pdf" else "image")
    assert (block["source"]["type"], block["source"]["media_type"]) == ("base64", media)
    assert base64.b64decode(block["source"]["data"]) == content
    assert text == {"type": "text", "text": f"What is {name}?"}


def test_a_pdf_or_an_image_needs_a_prompt(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    (tmp_path / "b.txt").write_text("text")
    items = made(tmp_path, making())
    assert prompts(items) == ["text"]
    (line,) = told(items)
    assert line.startswith(
        "a.png:0: error: A PDF or an image needs a prompt – Say what to do with it: --prompt"
    )


def test_a_prompt_that_leaves_the_text_out_is_warned_of(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("text")
    (line,) = told(made(tmp_path, making(prompt="Summarise this.")))
    assert "warning: The text of the file is not in its request" in line
    for prompt, system in (("{{ text }}", ""), ("{{ row.text }}", ""), ("Sum up.", "{{ text }}")):
        assert told(made(tmp_path, making(prompt=prompt, system=system))) == []


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", [("error", "The file is empty")]),
        (b" \r\n\n", [("error", "The file is empty")]),
        (b"caf\xe9", [("error", "It is not UTF-8")]),
        (b"PK\x03\x04 a\0b", [("error", "It is neither text, PDF nor an image")]),
        (b"II*\0" + b"x" * 20, [("error", "It is neither text, PDF nor an image")]),
        (b"\xef\xbb\xbftext", []),
        (PDF, []),
        (PDF[:-7], [("warning", "The PDF seems to be cut")]),
        (PDF.replace(b"xxx", b"/Encrypt 5", 1), [("warning", "The PDF seems to be encrypted")]),
    ],
)
def test_what_is_wrong_with_a_file(tmp_path: Path, content: bytes, found: list[tuple[str, str]]) -> None:
    assert findings(tmp_path / "f", content) == found


def test_the_line_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "f.txt").write_bytes(b"one\ntwo\ncaf\xe9\n")
    (row,) = folders.rows([OneFile(tmp_path / "f.txt")])
    assert row.findings[0].remedy == "See line 3; save the file as UTF-8."


def test_what_is_too_large_is_not_read_to_its_end(tmp_path: Path) -> None:
    most_image = folders.MOST_IMAGE // 4 * 3
    assert findings(tmp_path / "f", PNG.ljust(most_image)) == []
    assert findings(tmp_path / "f", PNG.ljust(most_image + 1)) == [("error", "The image is too large")]
    assert findings(tmp_path / "f", b"x" * 1001, most=1000) == [
        ("error", "The text is longer than a whole batch may be")
    ]
    with (tmp_path / "f").open("wb") as hole:
        hole.write(b"%PDF-")
        hole.truncate(40_000_000)
    (row,) = folders.rows([OneFile(tmp_path / "f")])
    assert [each.what for each in row.findings] == ["The PDF is too large"]


def test_a_file_that_went_away_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("b")
    gone, there = folders.rows([OneFile(tmp_path / "a.txt"), OneFile(tmp_path / "b.txt")])
    assert ([each.what for each in gone.findings], gone.file) == (["It is gone"], "a.txt")
    assert (there.columns["text"], there.number) == ("b", 2)


def test_the_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_bytes(b"\xef\xbb\xbfHello\r\nthere")
    assert prompts(made(tmp_path, making())) == ["Hello\r\nthere"]
