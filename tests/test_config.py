"""Settings: read, validated, every mistake named by file, line and key."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.hostile import HOSTILE
from tui.config import DEFAULTS, Settings, Spending, check_names, load, parse, refresh_seconds
from tui.errors import UsageError
from tui.text import clean


def complaint(tmp_path: Path, content: str | bytes) -> str:
    """What is said about a settings file with this content."""
    file = tmp_path / "config.toml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UsageError) as caught:
        load(file)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path / "config.toml") == DEFAULTS == Settings()


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("# nothing yet\n")
    assert load(tmp_path / "config.toml") == Settings()


def test_everything_can_be_set(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(
        b'\xef\xbb\xbfrefresh = 2\r\ntheme = "nord"\r\nconsole_url = "https://example.org/{id}"\r\n'
        b'[keys]\r\nquit = "f10, ctrl+x"\r\nbatches.open = "o"\r\n"batches.sort" = "S"\r\n'
    )
    assert load(file) == Settings(
        refresh=2.0,
        theme="nord",
        console_url="https://example.org/{id}",
        keys={"quit": "f10,ctrl+x", "batches.open": "o", "batches.sort": "S"},
    )


@pytest.mark.parametrize(
    ("content", "limits"),
    [
        ("[spending]\nlaunch = 50\nday = 200", Spending(Decimal(50), Decimal(200))),
        ("[spending]\nday = 0.1", Spending(day=Decimal("0.1"))),
        ("[spending]\nlaunch = 0", Spending(launch=Decimal(0))),
        ("spending.launch = 12.50", Spending(launch=Decimal("12.5"))),
        ("[spending]", Spending()),
        ("", Spending()),
    ],
)
def test_limits_of_spending(content: str, limits: Spending) -> None:
    assert parse(content.encode(), Path("config.toml")).spending == limits


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("\n\nrefresh = ", "config.toml:3"),
        ("theme = nord", "config.toml:1: not valid TOML"),
        ('theme = "nord', "config.toml:1"),
        ("[keys\n", "config.toml:1"),
        ("a = 1\na = 2", "config.toml:2"),
        ("refrehs = 3", "config.toml:1: refrehs: there is no setting `refrehs`. Did you mean `refresh`?"),
        ("\nzzz = 1", "Known are: console_url, keys, refresh, spending, theme."),
        ("# x\n[colours]\na = 1", "config.toml:2: colours"),
        ("refresh = 0", "config.toml:1: refresh: must be a number of seconds from 1 to 3600"),
        ("refresh = -1", "from 1 to 3600"),
        ("refresh = inf", "from 1 to 3600"),
        ("refresh = nan", "from 1 to 3600"),
        (f"refresh = {'9' * 400}", "from 1 to 3600"),
        ("refresh = true", "must be a number of seconds"),
        ('refresh = "10"', "Write for example `refresh = 10`"),
        ("theme = 3", "config.toml:1: theme: must be text"),
        ('console_url = "javascript:alert(1)"', "console_url: must begin with https://"),
        ('keys = "q"', "config.toml:1: keys: must be a table"),
        ('[keys]\nopen = "o"\nquit = 5', "config.toml:3: keys.quit: must be one or several keys"),
        ('[keys]\nquit = ""', "config.toml:2: keys.quit"),
        ('[keys]\nquit = "q,,x"', "config.toml:2: keys.quit"),
        ("[keys]\na.b = 5", "keys.a.b"),
        ('theme = "x"\nkeys = {quit = 1}', "config.toml:2: keys.quit"),
        ("spending = 50", "config.toml:1: spending: must be a table"),
        ("[spending]\nday = 200\nlaunhc = 5", "config.toml:3: spending.launhc: there is no limit `launhc`."),
        ("[spending]\nlaunhc = 5", "Did you mean `launch`?"),
        ('[spending]\nlaunch = "50"', "config.toml:2: spending.launch: must be a number of dollars from 0"),
        ("[spending]\nlaunch = -1", "Write for example `launch = 50`, without a sign."),
        ("[spending]\nday = nan", "config.toml:2: spending.day: must be a number of dollars"),
        ("[spending]\nday = inf", "spending.day"),
        ("[spending]\nday = true", "spending.day"),
        (f"[spending]\nday = {'9' * 400}", "from 0 to 1,000,000,000"),
        ("spending = {launch = -1}", "config.toml:1: spending.launch"),
        (b'theme = "a"\n# \xff\xfe', "config.toml:2: not UTF-8"),
        (b"t\x00\x00", "config.toml:1: not valid TOML"),
        ("a = " + "[" * 5000, "config.toml"),
        (b"#" * (2 << 20), "too large"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, content: str | bytes, said: str) -> None:
    assert said in complaint(tmp_path, content)


def test_a_folder_is_not_a_settings_file(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(UsageError, match=r"config\.toml cannot be read"):
        load(tmp_path / "config.toml")


@pytest.mark.parametrize("hostile", [text for text in HOSTILE if "\ud800" not in text])
def test_foreign_names_are_made_harmless(hostile: str) -> None:
    quoted = hostile.encode("unicode_escape").decode()
    escaped = "".join(f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}" for c in hostile)
    with pytest.raises(UsageError) as caught:
        parse(f'"{escaped}" = 1'.encode(), Path("config.toml"))
    assert str(caught.value) == clean(str(caught.value)), quoted


def test_names_are_compared_with_what_the_app_has() -> None:
    path = Path("config.toml")
    settings = Settings(theme="nrod", keys={"qiut": "q"})
    check_names(settings, path)
    with pytest.raises(UsageError, match=r"no theme `nrod`\. Did you mean `nord`"):
        check_names(settings, path, themes=["nord", "dracula"])
    with pytest.raises(UsageError, match=r"no key binding `qiut`\. Did you mean `quit`"):
        check_names(settings, path, bindings=["quit", "open"])


@pytest.mark.parametrize("value", [0.5, 3601, float("nan"), float("inf"), -3])
def test_a_senseless_pace_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="from 1 to 3600"):
        refresh_seconds(value)
