"""Settings: read once, from two places, and strict about what it does not know."""

from pathlib import Path

import pytest

from mcp_server import settings_page
from mcp_server.setting_values import ModelSetting
from mcp_server.settings import SettingsError, read


def read_with(home: Path, file: str = "", **variables: str):
    if file:
        home.mkdir(exist_ok=True)
        (home / "botmcp.toml").write_text(file, "utf-8")
    return read({"BOTMCP_HOME": str(home), **variables})


def test_the_reference_page_is_what_the_table_makes() -> None:
    assert settings_page.PAGE.read_text("utf-8") == settings_page.page(), "run: python -m mcp_server.settings_page"


def test_an_unknown_variable_stops_the_start_with_the_near_miss() -> None:
    with pytest.raises(SettingsError, match=r"BOTMCP_MODLES is not a setting. Did you mean BOTMCP_MODELS?"):
        read({"BOTMCP_MODLES": "x"})


def test_an_unknown_name_in_the_file_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"packges is not a setting. Did you mean packages?"):
        read_with(tmp_path, 'packges = ["/x"]')


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    assert read_with(tmp_path, "port = 1234").port == 1234
    assert read_with(tmp_path, "port = 1234", BOTMCP_PORT="4321").port == 4321


def test_the_first_of_the_redis_variables_counts(tmp_path: Path) -> None:
    assert read_with(tmp_path, VALKEY_URL="redis://c", REDIS_URL="redis://b").redis_url == "redis://b"
    assert read_with(tmp_path, CACHE_URL="redis://a", REDIS_URL="redis://b").redis_url == "redis://a"


def test_an_empty_variable_is_as_good_as_none(tmp_path: Path) -> None:
    assert read_with(tmp_path, DATABASE_URL=" ").embedded


def test_folders_are_separated_by_colons(tmp_path: Path) -> None:
    assert read_with(tmp_path, BOTMCP_PACKAGES="/a:/b").packages == (Path("/a"), Path("/b"))


def test_models_are_names_or_tables(tmp_path: Path) -> None:
    assert read_with(tmp_path, BOTMCP_MODELS="a/b, c/d").models == (ModelSetting("a/b"), ModelSetting("c/d"))
    table = '[[models]]\nname = "openai/x"\nurl = "http://127.0.0.1:1/v1"\nkey_variable = "MY_KEY"\ninput_price = 1.5\n'
    (model,) = read_with(tmp_path, table, MY_KEY="k").models
    assert model == ModelSetting("openai/x", "http://127.0.0.1:1/v1", "k", 1.5, None)


def test_a_model_whose_key_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="MY_KEY, and that variable is not set"):
        read_with(tmp_path, '[[models]]\nname = "openai/x"\nkey_variable = "MY_KEY"')


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("BOTMCP_PORT", "70000", "a whole number from 0 to 65535"),
        ("BOTMCP_PORT", "-1", "a whole number"),
        ("BOTSERVER_URL", "localhost", "an address such as http://localhost:5858"),
        ("BOTSERVER_URL", "http://[::1", "an address such as http://localhost:5858"),
        ("BOTMCP_IDLE_SECONDS", "soon", "a whole number"),
        ("BOTMCP_AGENTS_MAY_APPROVE", "maybe", "yes or no"),
        ("BOTMCP_LOG_LEVEL", "loud", "debug, info, warning or error"),
        ("BOTMCP_TOKEN", "short", "at least 16 characters"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(tmp_path: Path, name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as error:
        read_with(tmp_path, **{name: value})
    assert name in str(error.value)


def test_no_secret_is_shown_by_the_settings(tmp_path: Path) -> None:
    secrets = {"BOTMCP_TOKEN": "t" * 20, "DATABASE_URL": "postgresql://u:hidden@h/d", "REDIS_URL": "redis://:hidden@h"}
    shown = repr(read_with(tmp_path, **secrets))
    assert "hidden" not in shown and "tttt" not in shown


def test_other_settings_or_provider_keys_have_another_fingerprint(tmp_path: Path) -> None:
    plain = read_with(tmp_path).fingerprint
    assert plain == read_with(tmp_path, TERM="xterm").fingerprint
    assert plain != read_with(tmp_path, BOTMCP_MODELS="a/b").fingerprint
    assert plain != read_with(tmp_path, OPENAI_API_KEY="k").fingerprint


def test_a_broken_file_is_named_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"botmcp.toml is not valid TOML"):
        read_with(tmp_path, "port = ")
