"""Secrets of the installation: made once, readable by their owner only."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mcp_server.secret import secret


def test_a_secret_stays_the_same_and_is_its_owners_alone(tmp_path: Path) -> None:
    first = secret(tmp_path / "home", "inbox")
    assert len(first) == 32 and secret(tmp_path / "home", "inbox") == first
    assert (tmp_path / "home" / "inbox.secret").stat().st_mode & 0o777 == 0o600
    assert secret(tmp_path / "home", "state") != first


def test_all_who_ask_at_once_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(secret, [tmp_path] * 32, ["inbox"] * 32))) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["inbox.secret"]
