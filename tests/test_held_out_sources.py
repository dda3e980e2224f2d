"""Files as other programs and other people write them: what is said of them has to be true and of use."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.asking import PNG, assistant, check, said, text, user
from tests.asking import request as asking
from tests.cli_runs import Run
from tests.drafting import checked, lines, request, told
from tui.cli.draft_words import problems
from tui.model import FILES, REQUESTS, Making, Recipe
from tui.sources import check as check_sources

Json = dict[str, Any]

CALL = {"type": "tool_use", "id": "t1", "name": "look", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": "Seen."}
LOOK = {"name": "look", "input_schema": {"type": "object"}}

OF_EACH = Recipe(model="claude-haiku-5-5", max_tokens=10, prompt="{{ text }}")


def told_of(messages: list[Json], **changes: Any) -> list[str]:
    """What is said of a request with these messages, without its place."""
    found = said(check(asking(messages=messages, tools=[LOOK], **changes)))
    return [each.partition(": ")[2] for each in found]


# Conversations that began with another model


def test_ids_of_tool_calls_have_only_some_letters() -> None:
    call, result = {**CALL, "id": "look.it:0"}, {**RESULT, "tool_use_id": "look.it:0"}
    remedy = "has characters that are not allowed – “look.it:0”: Use letters, digits, - and _;"
    first, second = told_of([user("a"), assistant([call]), user([result])])
    assert first.startswith(f"messages[1].content[0].id {remedy}")
    assert second.startswith(f"messages[2].content[0].tool_use_id {remedy}")


def test_ids_of_tool_calls_are_used_once() -> None:
    again = [user("a"), assistant([CALL]), user([RESULT]), assistant([CALL]), user([RESULT])]
    first, second = told_of(again)
    assert first.startswith("messages[3].content[0].id is not unique – “t1” was there before. The service")
    assert second.startswith("messages[4].content[0].tool_use_id is not unique")


def test_a_tool_call_has_one_result() -> None:
    (problem,) = told_of([user("a"), assistant([CALL]), user([RESULT, RESULT])])
    assert problem.startswith("messages[2].content[1].tool_use_id is not unique")


def test_results_of_tools_come_first() -> None:
    (problem,) = told_of([user("a"), assistant([CALL]), user([text("b"), RESULT])])
    assert problem == (
        "warning: messages[2].content[1] is a result of a tool behind other blocks – "
        "Put the results of tools first."
    )
    assert told_of([user("a"), assistant([CALL]), user([RESULT, text("b")])]) == []


# Folders of documents


def test_text_that_begins_with_bm_is_no_picture(tmp_path: Path) -> None:
    assert told(checked(tmp_path, b"BMI is a number.\n", "a.txt", Making(override=OF_EACH))) == []


def test_an_image_in_a_folder_may_be_as_large_as_one_in_a_request(tmp_path: Path) -> None:
    picture = base64.b64decode(PNG).ljust(6_000_000)
    making = Making(override=replace(OF_EACH, prompt="What is it?"))
    assert told(checked(tmp_path, picture, "a.png", making)) == []


def test_of_files_no_line_is_named_that_has_a_custom_id_already(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "c.md").write_text("Hello")
    making = Making(kind=FILES, override=replace(OF_EACH, custom_id="{{ file.stem }}"))
    (problem,) = told(check_sources([tmp_path], making))
    assert problem.startswith("b/c.md: The custom_id is not unique – “c” stands for a/c.md already.")


# Foreign words in what is said


def test_a_problem_is_one_line_whatever_it_quotes(tmp_path: Path) -> None:
    one = checked(tmp_path, lines({**request(), "custom_id": "a\n\x1bb"}))
    (said_of_one,) = problems(one)
    assert "“a \u241bb”" in said_of_one
    many = checked(tmp_path, lines(*(request(number, **{"x\ny": 1}) for number in range(9))))
    assert next(iter(problems(many))).partition(" is ")[0] == "9 × warning: x y"


# JSON that is almost right

ALMOST = {
    b'{"a": "NaN", "b": NaN}': "a.json:1:19: It is not JSON – NaN is no JSON number.",
    b'{\n"a": [1, -Infinity]}': "a.json:2:10: It is not JSON – -Infinity is no JSON number.",
    b'{"a": 1e999}': "a.json:1:7: A number is too large – Shorten it, or write it as a string.",
    b'{"a": ' + b"7" * 5000 + b"}": "a.json:1:7: A number has too many digits – Shorten it, or write it",
    b'{"a": "b\tc"}': "a.json:1:9: A string has a control character in it – Write it as an escape: \\n,",
}


@pytest.mark.parametrize("content", ALMOST, ids=lambda each: str(each[:20]))
def test_json_that_is_almost_right(tmp_path: Path, content: bytes) -> None:
    (problem,) = told(checked(tmp_path, content, "a.json", Making(kind=REQUESTS)))
    assert problem.startswith(ALMOST[content])


def test_a_number_out_of_range_in_another_services_request(tmp_path: Path) -> None:
    body = {"model": "claude-haiku-5-5", "max_tokens": 9, "messages": [user("a")], "seed": 1}
    content = lines({"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": body})
    (problem,) = told(checked(tmp_path, content.replace(b'"seed": 1', b'"seed": 1e999')))
    assert "A number is too large – Shorten it" in problem


def test_lines_of_a_list_without_its_brackets(tmp_path: Path) -> None:
    one = lines(request()).rstrip()
    (problem, *_) = told(checked(tmp_path, one + b",\n" + lines(request(2))))
    assert problem == f"a.jsonl:1:{len(one) + 1}: There is a comma after the request – Remove it."


# Ids of other services


def test_ids_that_are_not_allowed_can_be_mapped_as_is_said(tmp_path: Path) -> None:
    body = {"model": "claude-haiku-5-5", "max_tokens": 9, "messages": [user("a")]}
    content = lines({"custom_id": "a:1", "method": "POST", "url": "/v1/chat/completions", "body": body})
    (problem,) = told(checked(tmp_path, content))
    assert problem.endswith("Or have legal ones made (--map-ids; in the app: mend custom_ids).")
    assert told(checked(tmp_path, content, making=Making(ids="map"))) == []


# What is none of it


def test_office_documents_are_not_to_be_unpacked(tmp_path: Path) -> None:
    document = b"PK\x03\x04\x14\x00\x06\x00" + b"\0" * 22 + b"[Content_Types].xml rest"
    (problem,) = told(checked(tmp_path, document, "a.docx"))
    assert problem.endswith("packed as zip – Save it as PDF or as text, a spreadsheet as CSV (UTF-8).")


def test_pictures_of_a_phone_are_not_utf16(tmp_path: Path) -> None:
    (problem,) = told(checked(tmp_path, b"\0\0\0\x18ftypheic\0\0\0\0", "a.heic"))
    assert "It is a binary file" in problem
    assert problem.endswith("A source is text, a PDF or an image: PNG, JPEG, GIF or WebP.")


def test_the_way_from_bedrock_leads_to_requests_without_faults(tmp_path: Path) -> None:
    given = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": [user("a")]}
    (problem,) = told(checked(tmp_path, lines({"recordId": "a", "modelInput": given})))
    assert problem.endswith("in these name a model, and remove anthropic_version.")
    del given["anthropic_version"]
    mended = {"custom_id": "a", "params": {"model": "claude-haiku-5-5", **given}}
    assert told(checked(tmp_path, lines(mended))) == []


# Nothing in it


def test_a_table_of_nothing_but_a_header(tmp_path: Path) -> None:
    (problem,) = told(checked(tmp_path, b"id,text\n", "a.csv", Making(override=OF_EACH)))
    assert problem.startswith("a.csv:1: There is no row below the header – The first row has the names")


def test_options_are_not_blamed_for_an_empty_file(tmp_path: Path) -> None:
    (problem,) = told(checked(tmp_path, b"", "a.csv", Making(override=OF_EACH)))
    assert problem.startswith("a.csv:1: There is no request in it")


# Tools and links that the service refuses


def test_the_schema_of_a_tool_has_a_type() -> None:
    found = check(asking(tools=[{"name": "look", "input_schema": {"properties": {}}}]))
    assert (found.problem_count, found.warning_count) == (1, 0)
    assert 'tools[0].input_schema is not of the type object – Write "type": "object"' in said(found)[0]


LINKS = {
    "data:image/png;base64,AAAA": 'is a data URL – Write {"type": "base64", "media_type": …',
    "/home/me/a.png": "is no link – “/home/me/a.png”: Put the file itself there, in base64, or a link",
    "http://example.com/a.png": "is a link without https – The service may refuse to fetch it.",
}


@pytest.mark.parametrize("url", LINKS)
def test_a_link_leads_where_the_service_can_fetch(url: str) -> None:
    (problem,) = told_of([user([{"type": "image", "source": {"type": "url", "url": url}}, text("What?")])])
    assert problem.removeprefix("warning: ").startswith(f"messages[0].content[0].source.url {LINKS[url]}")
    assert problem.startswith("warning: ") == url.startswith("http:")


# What other libraries put among the parameters


def test_betas_are_named_for_the_whole_batch() -> None:
    (problem,) = told_of([user("a")], betas=["some-beta"])
    assert problem.endswith("– Remove it: betas hold for a whole batch, and are named with --beta.")


def test_parameters_of_a_beta_are_not_called_mistyped() -> None:
    (problem,) = told_of([user("a")], mcp_servers=[])
    assert problem.endswith("– It needs its beta: name that with --beta.")
    (problem,) = said(check(asking(mcp_servers=[]), betas=["some-beta"]))
    assert problem.endswith("– Is its beta among those that are sent?")


# What it costs


def test_an_estimate_says_that_it_does_not_know_what_is_behind_links(run: Run, tmp_path: Path) -> None:
    picture = {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}
    (tmp_path / "a.jsonl").write_bytes(lines(request(1), request(2, messages=[user([picture])])))
    told_of_links = "behind links or file ids of 1 request are in no sum"
    assert told_of_links in run("check", str(tmp_path / "a.jsonl")).out
    (tmp_path / "b.jsonl").write_bytes(lines(request(1)))
    assert "behind links" not in run("check", str(tmp_path / "b.jsonl")).out


# Tables as spreadsheets and people write them


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
def test_a_line_for_a_spreadsheet_is_no_header(tmp_path: Path, first: str) -> None:
    content = f"{first}\nid;text\n1;a\n".encode()
    assert told(checked(tmp_path, content, "a.csv", Making(override=OF_EACH))) == [
        "a.csv:1: The first line is no header, but says what separates cells – Remove it."
    ]


def test_a_space_before_quotation_marks_is_spoken_of(tmp_path: Path) -> None:
    content = b'id, text\n1, "a, b"\n'
    (problem,) = told(checked(tmp_path, content, "a.csv", Making(override=OF_EACH)))
    assert problem.endswith("A cell with a comma in it stands in quotation marks, no space before them.")


def test_records_with_nan_say_where_it_stands(tmp_path: Path) -> None:
    content = b'{"text": "a", "score": NaN}\n'
    assert told(checked(tmp_path, content, "a.jsonl", Making(override=OF_EACH))) == [
        "a.jsonl:1:24: It is not JSON – NaN is no JSON number. Write null, say."
    ]
