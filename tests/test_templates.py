"""Templates: what they can do, that data is only data, mistakes in words, and that nothing runs on."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Mapping
from typing import Any

import pytest

from tests.drafting import SOUND
from tui.sources.basics.items import Finding
from tui.sources.recipes.templates import NotMade, Template, WrongTemplate, listed, written

ONE = {"title": "One", "n": 3, "customer": {"name": "Ann", "items": [1, 2], "note": None}}


def rendered(source: str, columns: Mapping[str, Any] = ONE) -> str:
    return Template(source, "prompt", tuple(columns)).render(columns)


def complaint(source: str, columns: Mapping[str, Any] = ONE) -> str:
    with pytest.raises(NotMade) as caught:
        rendered(source, columns)
    return said(caught.value.finding)


def said(finding: Finding) -> str:
    return f"{finding.what} – {finding.remedy}"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Hello {{ title }}!", "Hello One!"),
        ("{{ customer.name }} {{ row.title }} {{ row['title'] }}", "Ann One One"),
        ("{{ customer.items }} {{ customer['items'][0] }}", "[1, 2] 1"),
        ("{{ customer.note }}|{{ true }}|{{ 1.5 }}|{{ n + 1 }}", "|true|1.5|4"),
        ("{{ customer }}", '{"name": "Ann", "items": [1, 2], "note": null}'),
        ("{% if n > 2 %}many{% else %}few{% endif %}", "many"),
        ("{% for i in customer.items if i > 1 %}{{ loop.index }}:{{ i }}{% else %}none{% endfor %}", "1:2"),
        ("{% for k, v in customer.items() %}{% endfor %}", None),
        ("{% set x = title|upper %}{{ x ~ '-' ~ n }}", "ONE-3"),
        ("{{ absent|default('none') }} {{ absent is defined }} {{ customer.absent|d('-') }}", "none false -"),
        ("{{ '%.2f'|format(n) }} {{ '%03d' % n }}", "3.00 003"),
        ("{{ '<b>a</b> &amp; c'|striptags }} {{ '<a>'|e }} {{ '<ü>'|tojson }}", 'a & c &lt;a&gt; "<ü>"'),
        ("{{ [{'a': 1}, {'a': 2}]|map(attribute='a')|join(', ') }}", "1, 2"),
        (
            "{{ range(3)|list }} {{ 'a,b'.split(',')|last }} {{ title[:2] }} {{ 2 in [1, 2] }}",
            "[0, 1, 2] b On true",
        ),
        ("{{ title.replace('O', 'o') }} {{ ', '.join(['a', 'b']) }}", "one a, b"),
        ("{{ 'abcdefghij'|truncate(2, True, '…') }} {{ ' a '|trim }} {{ 'a b'|wordcount }}", "a… a 2"),
        ("{% raw %}{{ title }}{% endraw %}", "{{ title }}"),
        ("a\n{% if n %}\nb\n{% endif %}\nc\n", "a\nb\nc"),
        ("{# nothing #}plain", "plain"),
        ("", ""),
    ],
)
def test_what_templates_can_do(source: str, text: str | None) -> None:
    if text is not None:
        assert rendered(source) == text
    else:  # a field goes before the method of the same name
        assert "not callable" in complaint(source)


@pytest.mark.parametrize(
    "cell", ["{{ 7*7 }}", "{% for x in y %}", "{# x", "{{ title }}", "%(x)s {0}", *SOUND]
)
def test_data_is_never_evaluated(cell: str) -> None:
    assert rendered("{{ title }}{% if true %}{{ row['title'] }}{% endif %}", {"title": cell}) == cell * 2


def test_columns_whose_names_are_no_words() -> None:
    columns = {
        "Ticket ID": 1,
        "__expected": 2,
        "größe": 3,
        'a"b': 4,
        "if": 5,
        "row": 6,
        "self": 7,
        "range": 8,
    }
    for name, value in columns.items():
        assert rendered(f"{{{{ {written(name)} }}}}", columns) == str(value)
    assert rendered("{{ __expected }}{{ range }}", columns) == "28"
    assert [written(name) for name in ("title", "Ticket ID", "if", "row")] == [
        "title",
        'row["Ticket ID"]',
        'row["if"]',
        'row["row"]',
    ]


def test_what_a_template_uses() -> None:
    assert Template("{{ title|upper }}{% for i in row.x %}{{ loop.index }}{% endfor %}", "p").names >= {
        "title",
        "row",
    }
    assert Template("Just words", "prompt").is_constant
    assert Template("{{ range(3)|join }}", "prompt").is_constant
    assert not Template("{% set title = title|trim %}{{ title }}", "prompt").is_constant


# Mistakes


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (
            "{{ titel }}",
            "There is no column “titel” – Line 1 of the prompt. Did you mean title? There are: title, n",
        ),
        ("a\n\n{{ TITLE }}", "Line 3 of the prompt. Did you mean title?"),
        ("{{ row['Titel'] }}", "There is no column “Titel” – Line 1 of the prompt. Did you mean title?"),
        (
            "{% if zzz %}{% endif %}",
            "There is no column “zzz” – Line 1 of the prompt. There are: title, n, customer.",
        ),
        ("{{ zzz.foo }}{{ zzz() }}", "There is no column “zzz”"),
        (
            "{{ customer.nmae }}",
            "There is no “nmae” – Line 1 of the prompt. Did you mean name? There are: name,",
        ),
        ("{{ title.nmae }}", "There is no “nmae” – Line 1 of the prompt."),
        ("{{ n + title }}", "The prompt cannot be made – Line 1 of the prompt: unsupported operand"),
        ("\n{{ n / 0 }}", "Line 2 of the prompt: division by zero."),
        ("{% for i in n %}{% endfor %}", "'int' object is not iterable"),
        ("{{ title.upper }}", "“upper” is no text"),
    ],
)
def test_a_mistake_is_told_with_its_line(source: str, told: str) -> None:
    assert told in complaint(source)


def test_a_column_that_only_some_records_have() -> None:
    template = Template("{{ note }}", "prompt", ("title", "note"))
    with pytest.raises(NotMade) as caught:
        template.render({"title": "x"})
    told = (
        'Its column “note” is missing – Line 1 of the prompt. Others have it: write {{ note|default("") }} '
    )
    assert said(caught.value.finding) == told + "where it may be missing."
    assert template.render({"title": "x", "note": "n"}) == "n"


def test_the_first_word_of_a_column_leads_to_it() -> None:
    assert 'Did you mean row["customer.name"]?' in complaint(
        "{{ customer.name }}", {"customer.name": 1, "b": 2}
    )


def test_of_many_columns_some_are_listed() -> None:
    many = [f"column {number} {'x' * 60}" for number in range(100)]
    assert listed(many).count("…") == 13
    assert len(listed(many)) < 800


@pytest.mark.parametrize(
    ("source", "line", "told"),
    [
        ("{{ Ticket ID }}", 1, "goes on with 'ID' where it should end"),
        ("a\n{% if n %}", 2, "{% if %} is not closed"),
        ("{% endif %}", 1, "“endif” does not belong here"),
        ("{{ title", 1, "{{ … }} is not closed"),
        ("\n{# x", 2, "missing end of comment tag"),
        ("\n\n{{ title|wordwarp }}", 3, "there is no filter “wordwarp”"),
        ("{{ title is funny }}", 1, "there is no test “funny”"),
        ("{{ self }}", 1, 'a column “self” is written row["self"]'),
        ("{% macro m() %}{% endmacro %}", 1, "“macro” is not possible here"),
        ("{% include 'a' %}", 1, "“include” is not possible here"),
        ("{% import 'a' as b %}", 1, "“import” is not possible here"),
        ("{% extends 'a' %}", 1, "“extends” is not possible here"),
        ("{% set x %}{% endset %}", 1, "“assignblock” is not possible here"),
        ("{% for a in row recursive %}{% endfor %}", 1, "“recursive” is not possible here"),
        ("{{ ((((" * 500, 1, ""),
        ("{{ " + "(" * 3000 + "n" + ")" * 3000 + " }}", 1, "nested too deeply"),
        ("{% if n %}" * 300 + "{% endif %}" * 300, 1, "nested too deeply"),
        ("{{ n }}" * 30_000, 1, "it is too long"),
    ],
)
def test_what_is_no_template(source: str, line: int, told: str) -> None:
    with pytest.raises(WrongTemplate) as caught:
        Template(source, "prompt")
    assert (caught.value.line, told in caught.value.what) == (line, True), caught.value.what


# Bounds

DOUBLED = "{% set a = 'xxxxxxxxxx' %}{% set b = ['y'] %}"


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in range(10**9) %}a{% endfor %}",
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{% for i in range(99999) %}{% for j in range(99999) if j < 0 %}{% endfor %}{% endfor %}",
        "{% for i in range(99999) %}{% for j in range(99999) %}abcdefgh{% endfor %}{% endfor %}",
        "{% for i in range(9999) %}{{ long }}{% endfor %}",
        "{% for i in range(99999) %}{{ long|upper|length }}{% endfor %}",
        "{% for i in range(99999) %}{{ 'zz' in long }}{{ long is in long }}{% endfor %}",
        "{% for i in range(99999) %}{{ long[1:]|length }}{% endfor %}",
        "{{ range(99999)|map('replace', '1', long)|list|length }}",
        "{{ 'x' * 10**9 }}",
        "{{ [long] * 10**7 }}",
        "{{ 9 ** 999999 }}",
        "{{ 2 ** (99 ** 99) }}",
        "{{ 10**2000 * 10**2000 * 10**2000 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '%*d' % (1000000000, 1) }}",
        "{{ '%1000000000d'|format(1) }}",
        "{{ ('%s' * 100) % ([long] * 100) }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ 'x'.center(10**9) }}{{ 'x'.zfill(10**9) }}",
        "{{ long|indent(10**9) }}",
        "{{ long.replace('l', long) }}",
        "{{ long|replace('l', long) }}",
        "{{ long.join(long) }}",
        "{{ long|join(long) }}",
        DOUBLED + "{% set a = a ~ a %}" * 60 + "{{ a }}",
        DOUBLED + "{% set a = a + a %}" * 60 + "{{ a }}",
        DOUBLED + "{% set b = b + b %}" * 60 + "{{ b }}",
        DOUBLED + "{% set a = [a, a] %}" * 60 + "{{ a }}",
        DOUBLED + "{% set a = [a, a]|join(a) %}" * 60 + "{{ a }}",
        DOUBLED + "{% set a = {'k': a, 'l': a} %}" * 60 + "{{ a|tojson }}",
        DOUBLED + "{% set a = (a, a) %}" * 60 + "{{ {a: 1} }}",
        "{% set a = [1] %}{% set b = [1] %}"
        + "{% set a = [a, a] %}{% set b = [b, b] %}" * 60
        + "{{ a == b }}",
    ],
)
def test_no_template_runs_on_or_fills_the_memory(source: str) -> None:
    begin = time.process_time()
    complaint(source, {"long": "l" * 1_000_000})
    assert time.process_time() - begin < 10


def test_a_template_that_ran_too_long_is_not_tried_on_every_row() -> None:
    template = Template(
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", "prompt"
    )
    begin = time.process_time()
    for _ in range(1000):
        with pytest.raises(NotMade):
            template.render({})
    assert time.process_time() - begin < 10


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ title['__class__'] }}",
        "{{ title|attr('__class__') }}",
        "{{ row.__init__.__globals__ }}",
        "{{ row.clear() }}",
        "{{ customer.update({'name': 'x'}) }}",
        "{{ range.__self__ }}",
        "{{ title.format.__self__ }}",
        "{{ lipsum() }}{{ cycler }}{{ namespace() }}",
        "{{ [1, 2]|random }}",
        "{{ customer|pprint }}",
    ],
)
def test_nothing_private_and_nothing_random_is_within_reach(source: str) -> None:
    before = repr(ONE)
    with pytest.raises((NotMade, WrongTemplate)):
        rendered(source)
    assert repr(ONE) == before


def test_a_value_of_a_record_cannot_act_as_an_object() -> None:
    columns = {"__class__": "mine", "mro": "m", "items": "i"}
    assert (
        rendered("{{ row['__class__'] }}{{ mro }}{{ row.items }}{{ items }}", columns)
        == "mineiii"[:4] + "mii"
    )


def test_rendering_is_fast() -> None:
    template = Template("{{ a }} {{ b|upper }}\n{% if c %}x{{ c }}{% endif %}", "prompt")
    begin = time.process_time()
    for number in range(10_000):
        template.render({"a": "x" * 40, "b": "y" * 300, "c": number})
    assert time.process_time() - begin < 2


def test_random_templates_come_to_an_end() -> None:
    rng = random.Random(3)
    parts = [
        *"{}[](),:*+~% x\n",
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "row",
        ".items()",
        "|join",
        "|map('int')",
        "|list",
    ]
    parts += [
        " if ",
        " for i in x ",
        " endfor ",
        " endif ",
        "**",
        "10",
        "'%s'",
        "range(9)",
        "set y = x",
        " in ",
    ]
    for _ in range(5_000):
        source = "".join(rng.choices(parts, k=rng.randrange(1, 20)))
        with contextlib.suppress(WrongTemplate, NotMade):
            rendered(rng.choice(("{}", "{{{{ {} }}}}")).format(source), {"x": [1, "a", {"k": 2}]})
