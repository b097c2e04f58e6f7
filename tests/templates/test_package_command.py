"""`botmcp package`: one's own from a template, installed from folder, ZIP and web, packed, tested, taken away."""

from __future__ import annotations

import hashlib
import io
import json
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from hostbridge import package_archives as archives
from hostbridge.packages import shipped
from keywords.mistakes import LimitReached, ProgramError, Refused, WrongValue
from mcp_server.cli.errors import CommandError
from mcp_server.cli.package import install
from mcp_server.cli.samples import BadSample, samples
from mcp_server.settings import read
from tests.mcp_server.command import Botmcp
from tests.mcp_server.conftest import botmcp as botmcp, made_home as made_home
from tests.site import website

DIALOG = b'ORCHESTRATE WORKFLOW "shop"\nRETURN 1\nEND WORKFLOW\n'
PLAIN: Mapping[str, bytes] = {
    "shop.gbai/shop.gbdialog/buy.bas": DIALOG,
    "shop.gbai/package.json": b'{"version": "2.1", "description": "A shop", "requirements": {"secrets": ["SHOP_KEY"]}}',
}


def zipped(files: Mapping[str, bytes], links: tuple[str, ...] = ()) -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = ZipInfo(name)
            entry.external_attr = ((stat.S_IFLNK if name in links else stat.S_IFREG) | 0o644) << 16
            archive.writestr(entry, data, ZIP_DEFLATED)
    return made.getvalue()


NOISE = bytes(range(256)) * 20


def torn(content: bytes) -> bytes:
    at = content.index(b"noise.txt") + 40
    return content[:at] + b"\xff" * 30 + content[at + 30 :]


BAD: Mapping[str, tuple[bytes, type[ProgramError], str]] = {
    "a path that climbs": (zipped({**PLAIN, "shop.gbai/../../evil.bas": b"x"}), Refused, "leads out of the package"),
    "an absolute path": (zipped({**PLAIN, "/tmp/evil.bas": b"x"}), Refused, "leads out of the package"),
    "a path of another system": (zipped({**PLAIN, "shop.gbai\\..\\evil.bas": b"x"}), Refused, "leads out"),
    "a drive": (zipped({**PLAIN, "shop.gbai/C:/evil.bas": b"x"}), Refused, "leads out"),
    "a link": (zipped({**PLAIN, "shop.gbai/x": b"/etc"}, links=("shop.gbai/x",)), Refused, "is a link"),
    "two names that are one": (
        zipped({**PLAIN, "shop.gbai/shop.gbdialog/BUY.bas": DIALOG}),
        Refused,
        "are one file on some disks",
    ),
    "two packages": (zipped({**PLAIN, "other.gbai/a.bas": DIALOG}), WrongValue, "holds several packages"),
    "no package": (zipped({"shop/buy.bas": DIALOG}), WrongValue, "holds no package"),
    "no dialog": (zipped({"shop.gbai/readme.md": b"x"}), WrongValue, "holds no dialog"),
    "no archive": (b"PK not really", WrongValue, "is no ZIP archive"),
    "what is torn": (torn(zipped({**PLAIN, "shop.gbai/noise.txt": NOISE})), WrongValue, "cannot be unpacked"),
    "a bomb": (zipped({**PLAIN, "shop.gbai/zero": b"\0" * 60_000_000}), LimitReached, "would unpack to"),
}


@pytest.mark.parametrize(("content", "kind", "says"), BAD.values(), ids=BAD)
def test_an_archive_that_could_do_harm_is_refused_whole(content: bytes, kind: type[ProgramError], says: str) -> None:
    with pytest.raises(kind, match=says):
        archives.of_archive(content, "given.zip")


def test_a_package_packed_and_unpacked_is_the_same_and_its_archive_too(tmp_path: Path) -> None:
    content = archives.of_folder(shipped() / "customer-support.gbai")
    again = archives.of_archive(archives.packed(content), "x.zip")
    assert again == content and archives.packed(again) == archives.packed(content)
    place = archives.put(again, tmp_path, replace=False)
    assert archives.of_folder(place) == content
    with pytest.raises(Refused, match="is there already"):
        archives.put(again, tmp_path, replace=False)
    archives.put(archives.Content("Customer_Support", {"a.bas": DIALOG}), tmp_path, replace=True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["Customer_Support.gbai"], "names are compared as ours are"


def test_a_repository_as_hosting_sites_pack_it_is_understood() -> None:
    content = archives.of_archive(zipped({f"shop-main/{name}": data for name, data in PLAIN.items()}), "x.zip")
    assert (content.name, sorted(content.files)) == ("shop", ["package.json", "shop.gbdialog/buy.bas"])


def test_a_link_in_a_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "shop.gbai"
    (folder / "d.gbdialog").mkdir(parents=True)
    (folder / "d.gbdialog" / "a.bas").symlink_to("/etc/hostname")
    with pytest.raises(Refused, match="is a link"):
        archives.of_folder(folder)


async def test_an_address_is_fetched_with_its_digest_and_private_ones_are_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = zipped(PLAIN)
    served = zipped(PLAIN)
    async with website() as site:
        site.pages["/shop.zip"] = ("application/zip", served.decode("latin-1"))
        url = f"{site.url}/shop.zip"
        settings = read({"BOTMCP_HOME": str(tmp_path / "home")})
        with pytest.raises(CommandError, match="private address"):
            await install(settings, url, "", replacing=False)
        settings = read({"BOTMCP_HOME": str(tmp_path / "home"), "BOTMCP_HTTP_ALLOW": "127.0.0.1"})
        with pytest.raises(CommandError, match=r"another archive than was meant: its sha256 is"):
            await install(settings, url, hashlib.sha256(b"other").hexdigest(), replacing=False)
        with pytest.raises(CommandError, match="answered 404"):
            await install(settings, f"{site.url}/none.zip", "", replacing=False)
    assert not (tmp_path / "home" / "installed").exists()
    file = tmp_path / "shop.zip"
    file.write_bytes(data)
    assert await install(settings, str(file), hashlib.sha256(data).hexdigest(), replacing=False) == 0
    assert "It needs secrets: SHOP_KEY" in capsys.readouterr().out


def test_the_life_of_a_package(botmcp: Botmcp, tmp_path: Path) -> None:
    """Made from a template, changed, tested, packed, installed elsewhere, started by name, taken away."""
    made = botmcp.run("package", "new", "tea-shop", "--into", str(tmp_path / "mine"))
    assert made.returncode == 0 and "tea-shop/request" in made.stdout, made.stderr
    assert (tmp_path / "mine" / "tea-shop.gbai" / "tea-shop.gbdialog" / "request.bas").is_file()
    tested = botmcp.run("package", "test", "tea-shop", "--json")
    told = json.loads(tested.stdout)
    assert told["passed"] and [row["wrong"] for row in told["samples"]] == [[], [], []], tested.stdout
    answer = tmp_path / "mine" / "tea-shop.gbai" / "tea-shop.gbdialog" / "answer.bas"
    answer.write_text(answer.read_text("utf-8").replace("Dear ", "Hello "), "utf-8")
    tested = botmcp.run("package", "test", "tea-shop")
    assert tested.returncode == 1 and "1 of 3 samples came out as expected" in tested.stdout

    archive = tmp_path / "tea.zip"
    packed = botmcp.run("package", "export", "tea-shop", str(archive))
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    assert packed.returncode == 0 and f"sha256 {digest}" in packed.stdout

    other = Botmcp(botmcp.program, tmp_path / "other")
    put = other.run("package", "install", str(archive), "--sha256", digest)
    assert put.returncode == 0 and "Installed tea-shop 1.0.0" in put.stdout, put.stderr
    again = other.run("package", "install", str(archive))
    assert again.returncode == 1 and "--replace" in again.stderr
    rows = {row["name"]: row for row in json.loads(other.run("package", "list", "--json").stdout)}
    assert rows["tea-shop"]["from"] == "installed" and rows["tea-shop"]["workflows"] == ["request"]
    assert rows["router"]["from"] == "botmcp"
    assert other.run("package", "remove", "tea-shop").returncode == 0
    gone = other.run("package", "remove", "tea-shop")
    assert gone.returncode == 1 and "was not installed by" in gone.stderr


def test_a_package_json_that_is_none_says_nothing() -> None:
    for content in (b"[" * 100_000, b"[1]", b"{", b"\xff"):
        assert archives.described(content) == {}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"decisions": [{"by": "ana@example.com"}]}, "it lacks 'decision'"),
        ({"then": [{"inputs": {}}]}, "it lacks 'workflow'"),
        ({"then": 7}, "not iterable"),
        ({"titel": "x"}, "unexpected keyword argument 'titel'"),
    ],
)
def test_a_sample_that_lacks_something_is_named(tmp_path: Path, more: Mapping[str, Any], says: str) -> None:
    (tmp_path / "samples").mkdir()
    told = {"title": "t", "shows": "s", "workflow": "a/b", "inputs": {}, **more}
    (tmp_path / "samples" / "1.json").write_text(json.dumps(told), "utf-8")
    with pytest.raises(BadSample, match=re.escape(says)):
        samples(tmp_path)
