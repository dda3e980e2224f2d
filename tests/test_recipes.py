"""Recipes: read from files and options, the ready ones, and every mistake named where it stands."""

from __future__ import annotations

import contextlib
import random
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.hostile import HOSTILE
from tests.recipes import made, making, prompts, requests, told
from tui.errors import UsageError
from tui.model import Making, Recipe
from tui.sources.recipes import loading
from tui.sources.recipes.fields import KEYS
from tui.sources.recipes.templates import Template
from tui.text import clean

FULL = """
model = "claude-haiku-5-5"
max_tokens = 100
prompt = "{{ text }}"
system = "Be brief."
custom_id = "{{ id }}"
tool_choice = { type = "tool", name = "record" }
thinking = { type = "adaptive" }
cache = "1h"
betas = ["one", "two"]

[params]
stop_sequences = ["END"]
output_config = { effort = "low" }

[[tools]]
name = "record"
input_schema = { type = "object" }

[schema]
type = "object"
"""


def load(folder: Path, content: str | bytes, **options: Any) -> Recipe:
    path = folder / "my.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return loading.load(Making(recipe=path, override=Recipe(**options)))


def complaint(folder: Path, content: str | bytes, **options: Any) -> str:
    with pytest.raises(UsageError) as caught:
        load(folder, content, **options)
    return str(caught.value).replace(f"{folder}/", "")


def test_everything_can_be_said(tmp_path: Path) -> None:
    assert load(tmp_path, FULL.replace("\n", "\r\n")) == Recipe(
        model="claude-haiku-5-5",
        max_tokens=100,
        prompt="{{ text }}",
        system="Be brief.",
        custom_id="{{ id }}",
        tools=({"name": "record", "input_schema": {"type": "object"}},),
        tool_choice={"type": "tool", "name": "record"},
        schema={"type": "object"},
        thinking={"type": "adaptive"},
        cache="1h",
        betas=("one", "two"),
        params={"stop_sequences": ["END"], "output_config": {"effort": "low"}},
        name="my",
    )


def test_options_go_before_the_file(tmp_path: Path) -> None:
    options = {"model": "other", "prompt": "Say {{ x }}", "betas": ("three", "one"), "params": {"top": 1}}
    recipe = load(tmp_path, FULL, **options)
    assert (recipe.model, recipe.max_tokens, recipe.prompt) == ("other", 100, "Say {{ x }}")
    assert recipe.betas == ("one", "two", "three")
    assert recipe.params == {"stop_sequences": ["END"], "output_config": {"effort": "low"}, "top": 1}


def test_options_are_a_recipe_by_themselves() -> None:
    recipe = Recipe(model="m", max_tokens=1, prompt="p", name="mine")
    assert loading.load(Making(override=recipe)) == recipe
    assert loading.load(Making()) == Recipe()


def test_an_option_mends_the_file(tmp_path: Path) -> None:
    assert load(tmp_path, 'prompt = "{{ broken"', prompt="whole").prompt == "whole"


def test_texts_and_schemas_may_be_files_beside_it(tmp_path: Path) -> None:
    (tmp_path / "p.md").write_bytes(b"\xef\xbb\xbfOne\r\n{{ text }}\r\n")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "s.md").write_text("System")
    (tmp_path / "schema.json").write_text('{"type": "object"}')
    (tmp_path / "tools.json").write_text('[{"name": "a"}]')
    texts = 'prompt_file = "p.md"\nsystem_file = "more/s.md"\n'
    recipe = load(tmp_path, texts + 'schema_file = "schema.json"\ntools_file = "tools.json"')
    assert (recipe.prompt, recipe.system) == ("One\n{{ text }}\n", "System")
    assert (recipe.schema, recipe.tools) == ({"type": "object"}, ({"name": "a"},))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("\n\nmodel = ", "my.toml:3: not valid TOML"),
        ("model = claude", "my.toml:1: not valid TOML"),
        ("a = 1\na = 2", "my.toml:2: not valid TOML"),
        ('modle = "m"', "my.toml:1: modle: there is no such key. Did you mean model?"),
        ("\nzzz = 1", "my.toml:2: zzz: there is no such key. There are: model, max_tokens, prompt,"),
        ("model = 3", "my.toml:1: model: must be the name of a model"),
        ('model = "two words"', "model: must be the name of a model"),
        ('prompt = """\nmodel = 1\n"""\nmodel = 1', "my.toml:4: model: must be"),
        ("max_tokens = 0", "max_tokens: must be a whole number from 1. Write for example max_tokens = 1000."),
        ("max_tokens = true", "max_tokens: must be a whole number"),
        ("max_tokens = 1.5", "max_tokens: must be a whole number"),
        ("prompt = 5", "my.toml:1: prompt: must be text in quotation marks"),
        ("system = []", "system: must be text"),
        ('tools = "x"', "tools: must be a list of tools"),
        ("tools = [1]", "tools: must be a table of keys and values"),
        ("\n[[tools]]\na = 1", "my.toml:2: tools: each tool needs a name"),
        ('[[tools]]\nname = "a"\n[[tools]]\nname = "a"', "tools: there are 2 tools “a”"),
        ('tool_choice = "any"', "tool_choice: must be a table"),
        ('tool_choice = { type = "some" }', "type must be auto, any, tool or none"),
        ('tool_choice = { type = "tool" }', "tool_choice: the tool has no name"),
        ('tool_choice = { type = "any" }', "tool_choice: there are no tools to choose"),
        (
            'tool_choice = { type = "tool", name = "b" }\n[[tools]]\nname = "a"',
            "there is no tool “b”. There are: a.",
        ),
        ("[schema]", "my.toml:1: schema: is empty"),
        ("schema = 1", "schema: must be a table"),
        ('thinking = "on"', "thinking: must be a table"),
        ("thinking = {}", "thinking: needs a type"),
        ('cache = "2h"', "cache: must be “5m” or “1h”"),
        ("cache = true", "cache: must be “5m” or “1h”"),
        ('cache = "1h"', "cache: there is neither a system prompt nor a tool to keep"),
        ('betas = "x"', "betas: must be a list of names"),
        ("betas = [1]", "betas: must be a list of names"),
        ("params = 1", "params: must be a table"),
        ('[params]\nmodel = "x"', "my.toml:2: params.model: does not belong here. Write model beside params"),
        (
            "[params]\n\nmessages = []",
            "my.toml:3: params.messages: does not belong here. The prompt makes them.",
        ),
        ("[params]\nday = 2026-01-02", "my.toml:2: params.day: 2026-01-02 is a date"),
        ("[params]\na = [{ x = nan }]", "params.x: nan is no JSON number"),
        (
            '[schema]\ntype = "x"\n[params.output_config]\nformat = 1',
            "output_config: has a format, and so has schema",
        ),
        ('prompt = "{{ a b }}"', "my.toml:1: prompt: what stands in {{ … }} goes on with 'b'"),
        ('model = "m"\nprompt = """\nHello\n{% if x %}\n"""', "my.toml:4: prompt: {% if %} is not closed"),
        ('prompt = """Hello\n{% if x %}"""', "my.toml:2: prompt: {% if %} is not closed"),
        ('custom_id = "{{ id|sulg }}"', "my.toml:1: custom_id: there is no filter “sulg”"),
        ("system = '''\n{% macro x() %}{% endmacro %}'''", "my.toml:2: system: “macro” is not possible here"),
        ('prompt = "a"\nprompt_file = "b.md"', "my.toml:2: prompt_file: prompt is there already"),
        ('prompt_file = "absent.md"', "absent.md cannot be read: No such file or directory."),
        ("prompt_file = 1", "my.toml:1: prompt_file: must be the name of a file"),
        ('prompt_file = "a\\u0000b"', "cannot be read: not a file name"),
        ('prompt_file = "wrong.md"', "wrong.md:2: {% for %} is not closed"),
        ('schema_file = "wrong.md"', "wrong.md:1:1: not JSON: expecting value"),
        ('schema_file = "list.json"', "my.toml:1: schema_file: must be a table"),
        (b'model = "m"\n# \xff', "my.toml:2: not UTF-8"),
        (b"\x00", "my.toml:1: not valid TOML"),
        ("a = " + "[" * 5000, "nested too deeply"),
        (f"max_tokens = {'9' * 5000}", "my.toml:1"),
        (b"#" * (5 << 20), "too large"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, content: str | bytes, said: str) -> None:
    (tmp_path / "wrong.md").write_text("one\n{% for a in b %}")
    (tmp_path / "list.json").write_text("[]")
    assert said in complaint(tmp_path, content)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"max_tokens": -1}, "--max-tokens: must be a whole number from 1"),
        ({"cache": "x"}, "--cache: must be"),
        ({"params": {"model": "x"}}, "--param model: does not belong here"),
        ({"params": {"messages": []}}, "--param messages: does not belong here"),
        ({"tool_choice": {"type": "any"}}, "--tool-choice: there are no tools"),
        ({"betas": ("a", "")}, "--beta: must be a list"),
        ({"prompt": "a\n{{ b"}, "--prompt: {{ … }} is not closed (line 2)."),
        ({"custom_id": "{{ a b }}"}, "--custom-id: what stands in {{ … }} goes on"),
        ({"params": {"x": float("inf")}}, "--param x: inf is no JSON number"),
        ({"params": {"x": {1, 2}}}, "--param x: {1, 2} is"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        loading.load(Making(override=Recipe(**options)))
    assert said in str(caught.value)


@pytest.mark.parametrize("hostile", [text for text in HOSTILE if "\ud800" not in text])
def test_foreign_names_are_made_harmless(tmp_path: Path, hostile: str) -> None:
    escaped = "".join(f"\\U{ord(letter):08x}" for letter in hostile)
    for content in (f'"{escaped}" = 1', f'prompt_file = "{escaped}"', f'prompt = "{{{{ x|{escaped} }}}}"'):
        said = complaint(tmp_path, content)
        assert said == clean(said)


# Ready-made


@pytest.mark.parametrize("wanted", ["classify", Path("classify")])
def test_ready_ones_are_found_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: str | Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert loading.load(Making(recipe=wanted)).name == "classify"


def test_a_path_goes_before_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("classify").write_text('model = "mine"')
    assert loading.load(Making(recipe=Path("classify"))).model == "mine"
    assert loading.load(Making(recipe="./classify")).model == "mine"
    assert loading.load(Making(recipe="classify")).model != "mine"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("clasify", "There is no recipe “clasify”. Did you mean classify?"),
        ("zzz", "There are: classify, extract, summarise; or give a file."),
        ("_blank", "There is no recipe “_blank”."),
        ("zzz.toml", "zzz.toml cannot be read: No such file or directory."),
    ],
)
def test_what_is_no_recipe(name: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        loading.load(Making(recipe=name))
    assert said in str(caught.value)


def test_each_ready_one_says_what_it_is_for() -> None:
    names = dict(loading.ready())
    assert list(names) == ["classify", "extract", "summarise"]
    assert all(20 < len(purpose) < 100 and purpose[0].isupper() for purpose in names.values())


@pytest.mark.parametrize("name", ["classify", "extract", "summarise"])
def test_each_ready_one_works_at_once(tmp_path: Path, name: str) -> None:
    (tmp_path / "t.csv").write_text("id,text\n1,Great\n2,Awful\n")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("Great")
    (tmp_path / "docs" / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n0000")
    table = made(tmp_path / "t.csv", making(name))
    files = made(tmp_path / "docs", making(name))
    assert told(table) == told(files) == []
    assert "Great" in prompts(table)[0] and "Great" in prompts(files)[0]
    assert prompts(files)[1][0]["type"] == "image" and prompts(files)[1][1]["text"].strip()
    params = requests(table)[0]["params"]
    assert {"model", "max_tokens", "messages", "system"} <= params.keys()
    if name == "classify":
        (tool,) = params["tools"]
        assert params["tool_choice"] == {"type": "tool", "name": tool["name"]}
        assert len(tool["input_schema"]["properties"]["label"]["enum"]) > 1
    if name == "extract":
        schema = params["output_config"]["format"]["schema"]
        assert sorted(schema["required"]) == sorted(schema["properties"])


@pytest.mark.parametrize("name", ["", "classify", "extract", "summarise"])
def test_the_text_of_a_new_one_is_a_recipe(tmp_path: Path, name: str) -> None:
    text = loading.text(name)
    recipe = load(tmp_path, text)
    assert recipe.model and recipe.max_tokens and recipe.prompt
    assert max(map(len, text.split("\n"))) <= 120


@pytest.mark.parametrize("name", ["", "classify", "extract", "summarise"])
def test_what_is_commented_out_works_too(tmp_path: Path, name: str) -> None:
    text = re.sub(r"^#(?=[^ \n])", "", loading.text(name), flags=re.MULTILINE)
    keys = set(tomllib.loads(text))
    assert keys <= set(KEYS) and (name or keys == set(KEYS) - {"tools_file", "schema_file", "system_file"})
    without_files = re.sub(r"^\w+_file = .*$", "", text, flags=re.MULTILINE)
    (tmp_path / "t.csv").write_text("id,text\n1,Great\n2,Awful\n")
    (tmp_path / "r.toml").write_text(without_files)
    assert [
        each["custom_id"] for each in requests(made(tmp_path / "t.csv", making(tmp_path / "r.toml")))
    ] == ["1", "2"]


def test_the_text_of_a_new_one_fits_a_table(tmp_path: Path) -> None:
    text = loading.text("classify", ["TICKET_ID", "Ticket Subject", "REQUEST"])
    assert '# Columns: {{ TICKET_ID }}, {{ row["Ticket Subject"] }}, {{ REQUEST }}' in text
    (tmp_path / "r.toml").write_text(text)
    (tmp_path / "t.csv").write_text("TICKET_ID,Ticket Subject,REQUEST\n1,s,Please help\n")
    assert "Please help" in prompts(made(tmp_path / "t.csv", making(tmp_path / "r.toml")))[0]


@pytest.mark.parametrize("column", [text for text in HOSTILE if text.strip() and "\ud800" not in text])
def test_the_text_of_a_new_one_fits_any_column(tmp_path: Path, column: str) -> None:
    for name in ("", "classify", "extract", "summarise"):
        recipe = load(tmp_path, loading.text(name, [column]))
        assert "the cell" in Template(recipe.prompt, "prompt").render({column: "the cell"})


def test_columns_likely_to_be_meant() -> None:
    assert "{{ Body }}" in loading.text("", ["id", "Title", "Body"])
    assert "{{ country }}" in loading.text("", ["", "country"])
    assert "{{ text }}" in loading.text("", ["id", "text"])


def test_random_bytes_are_no_worse_than_a_mistake(tmp_path: Path) -> None:
    rng = random.Random(5)
    seeds = [loading.text(name).encode() for name in ("", "classify", "extract")]
    for _ in range(500):
        raw = bytearray(rng.choice(seeds))
        for _ in range(rng.randrange(1, 6)):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
        with contextlib.suppress(UsageError):
            load(tmp_path, bytes(raw))
