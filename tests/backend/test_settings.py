"""Where a setting comes from, and what a wrong one is told."""

from dataclasses import fields
from pathlib import Path

import pytest

from backend.settings import Settings, SettingsError, load


def test_flag_before_environment_before_file_before_default(tmp_path: Path) -> None:
    file = tmp_path / "zonescope.toml"
    file.write_text('port = 1\nseed = 2\nlog_level = "error"\nallow_host = ["a", "b"]\n')
    environ = {"ZONESCOPE_PORT": "3", "ZONESCOPE_SEED": "4", "OTHER_PORT": "9"}
    settings = load({"port": 5, "host": None}, environ, file)
    assert settings.port == 5
    assert settings.seed == 4
    assert settings.log_level == "error"
    assert settings.allow_host == ("a", "b")
    assert settings.host == Settings().host == "127.0.0.1"


def test_words_and_lists_from_the_environment() -> None:
    environ = {"ZONESCOPE_BROWSER": "no", "ZONESCOPE_ALLOW_HOST": "box, box.example"}
    settings = load({}, environ)
    assert settings.browser is False
    assert settings.allow_host == ("box", "box.example")


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"ZONESCOPE_PORT": "http"}, "ZONESCOPE_PORT"),
        ({"ZONESCOPE_PORT": "70000"}, "0 to 65535"),
        ({"ZONESCOPE_BROWSER": "perhaps"}, "yes or no"),
        ({"ZONESCOPE_LOG_LEVEL": "loud"}, "debug, info"),
        ({"ZONESCOPE_INBOX_MAX": "0"}, "inbox_max"),
        ({"ZONESCOPE_SEED": "-1"}, "seed"),
        ({"ZONESCOPE_CLOSING_S": "-1"}, "closing_s"),
        ({"ZONESCOPE_CLOSING_S": "nan"}, "closing_s"),
    ],
)
def test_a_wrong_setting_is_named(environ: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load({}, environ)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour = 1", "no setting colour"),
        ("port = 'a'", "port"),
        ("port = true", "port"),
        ("port", "--config"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "zonescope.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=said):
        load({}, {}, file)


def test_every_setting_has_a_unit_and_a_reason() -> None:
    assert all(f.metadata["unit"] and f.metadata["why"] for f in fields(Settings))
