"""Images: what their bytes say, however broken, and how large and how many a request may have."""

from __future__ import annotations

import base64
import random
import struct

import pytest

from tests.asking import PDF, Json, check, image, pdf, request, said, text, user
from tui.sources.checking.pictures import is_cut, media_type, size


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIB", 13, b"IHDR", width, height, 8) + bytes(12) + b"IEND"


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + bytes(20)


def jpeg(width: int, height: int, frame: int = 0xC0) -> bytes:
    exif = b"\xff\xe1" + struct.pack(">H", 10) + bytes(8)
    tables = b"\xff\xc4" + struct.pack(">H", 5) + bytes(3)
    return (
        b"\xff\xd8"
        + exif
        + b"\xff"
        + tables
        + struct.pack(">BBHBHH", 0xFF, frame, 17, 8, height, width)
        + bytes(20)
        + b"\xff\xd9"
    )


def riff(form: bytes, data: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", len(data) + 12) + b"WEBP" + form + struct.pack("<I", len(data)) + data


def webp(width: int, height: int) -> bytes:
    return riff(b"VP8 ", b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", width, height) + bytes(9))


def lossless(width: int, height: int) -> bytes:
    return riff(b"VP8L", b"\x2f" + struct.pack("<I", width - 1 | (height - 1) << 14) + bytes(9))


def extended(width: int, height: int) -> bytes:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return riff(b"VP8X", bytes(4) + sides + bytes(9))


FORMATS = {
    "image/png": [png],
    "image/gif": [gif],
    "image/jpeg": [jpeg, lambda width, height: jpeg(width, height, 0xC2)],
    "image/webp": [webp, lossless, extended],
}


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_says_what_it_is_and_how_large(kind: str) -> None:
    for make in FORMATS[kind]:
        content = make(8_001, 17)
        assert (media_type(content), size(content)) == (kind, (8_001, 17))


@pytest.mark.parametrize("kind", FORMATS)
def test_broken_images_have_no_size_and_do_no_harm(kind: str) -> None:
    rng = random.Random(5)
    for make in FORMATS[kind]:
        content = make(800, 600)
        for end in range(len(content)):
            size(content[:end])
        for _ in range(500):
            broken = bytearray(content)
            broken[rng.randrange(2, len(broken))] = rng.randrange(256)
            size(bytes(broken))
    assert size(b"") is None
    assert size(b"\xff\xd8\xff" + b"\xff" * 10_000) is None
    assert size(b"\xff\xd8\xff\xe0\x00\x00" + bytes(10_000)) is None
    assert size(riff(b"ALPH", bytes(30))) is None


@pytest.mark.parametrize("kind", sorted(FORMATS.keys() - {"image/gif"}))
def test_an_image_that_is_cut_is_told_of(kind: str) -> None:
    for make in FORMATS[kind]:
        content = make(80, 60)
        assert not is_cut(content) and not is_cut(content + b"what some cameras add")
        (told,) = said(check(request(messages=[user([block(content[:-4]), text()])])))
        what, remedy = "messages[0].content[0].source.data seems to be cut", "Look whether the whole file was"
        assert f": warning: {what} – {remedy}" in told
    assert not is_cut(b"GIF89a") and not is_cut(b"")


def test_a_pdf_that_is_cut_is_told_of() -> None:
    cut = base64.b64encode(base64.b64decode(PDF)[:-3]).decode()
    (told,) = said(check(request(messages=[user([pdf(cut), text()])])))
    assert "source.data seems to be cut" in told and "warning" in told


def block(content: bytes) -> Json:
    return image(base64.b64encode(content).decode(), media_type(content))


def test_an_image_has_too_many_pixels() -> None:
    assert said(check(request(messages=[user([block(png(8_000, 8_000)), text()])]))) == []
    (told,) = said(check(request(messages=[user([text(), block(jpeg(100, 8_001))])])))
    assert told.endswith(
        ": messages[0].content[1].source.data is too large an image – "
        "100 × 8,001 pixels, of at most 8,000 a side. Make it smaller."
    )


def test_among_many_images_large_ones_may_be_refused() -> None:
    small, large = block(png(2_000, 2_000)), block(gif(2_001, 5))
    url = {"type": "image", "source": {"type": "url", "url": "https://example.com"}}
    assert said(check(request(messages=[user([large] * 20)]))) == []
    assert said(check(request(messages=[user([small] * 30)]))) == []
    found = check(request(messages=[user([url] * 20), user([small, large])]))
    assert [(problem.severity, problem.what, problem.remedy) for problem in found.problems] == [
        (
            "warning",
            "messages[1].content[1] may be too large among more than 20 images",
            "2,001 × 5 pixels. Up to 2,000 a side are safe.",
        )
    ]


def test_there_are_too_many_images() -> None:
    one = block(png(10, 10))
    assert said(check(request(messages=[user([one] * 600)]))) == []
    assert said(check(request(messages=[user([one] * 100)], model="claude-haiku-4-5"))) == []
    for model, most in (("claude-haiku-5-5", 600), ("claude-haiku-4-5", 100)):
        call = {"type": "tool_use", "id": "t", "name": "look", "input": {}}
        result = {"type": "tool_result", "tool_use_id": "t", "content": [one]}
        messages = [user([one] * most), {"role": "assistant", "content": [call]}, user([result])]
        (told,) = said(check(request(messages=messages, model=model)))
        said_of = f"{most + 1}, of at most {most}. Make several requests of it."
        assert told.endswith(f": There are too many images in the request – {said_of}")
