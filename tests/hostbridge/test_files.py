"""Files of bots: what programs read, write, pack and make, and that no path leads out of their folder."""

from __future__ import annotations

import os
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from hostbridge.files import archives, drive
from hostbridge.files.drive import Drive
from keywords.mistakes import LimitReached, ProgramError, Refused, WrongValue
from tests.hostbridge.stage import Stage, product

FILES = {
    "shop.gbai/main.bas": "RETURN 1",
    "shop.gbai/shop.gbdrive/notes.txt": "line one\nline two\n",
    "shop.gbai/shop.gbdrive/data/people.csv": "name;age\nAna;31\nBo;\n",
    "shop.gbai/shop.gbdrive/templates/offer.html": "<h1>Offer for {{customer.name}}</h1><p>Total ${total}</p>",
}


@pytest.fixture
async def stage(database: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with product(database, tmp_path, FILES) as opened:
        yield opened


@pytest.fixture
def folder(stage: Stage) -> Path:
    return stage.packages / "shop.gbai/shop.gbdrive"


async def test_a_file_is_read_as_text_lines_and_rows(stage: Stage) -> None:
    source = 'a = READ "notes.txt"\nb = READ "notes.txt" AS LINES\nc = READ "data/people.csv" AS TABLE\n'
    source += 'd = GET "notes.txt"\nRETURN [LEN(a), b[1], c.age + 1, c[1].age, d = a]'
    assert await stage.result(source, "shop") == [18, "line two", 32, None, True]


async def test_what_is_written_is_there_and_read_back(stage: Stage, folder: Path) -> None:
    source = 'rows = [{city: "Porto", n: 2}, {city: "=1+1", n: 3}]\nWRITE "out/r.csv", rows\n'
    source += 'WRITE "out/r.xlsx", EXCEL rows\n'
    source += 'WRITE rows TO "out/r.json"\nEXPORT "out/e.csv", rows\np = WRITE "/out/t.txt", "café"\n'
    source += (
        'x = IMPORT "out/r.xlsx"\ny = IMPORT "out/r.json"\nz = IMPORT "out/e.csv"\nRETURN [p, x.n, y[1].n, z.city]'
    )
    assert await stage.result(source, "shop") == ["out/t.txt", 2, 3, "Porto"]
    assert (folder / "out/t.txt").read_text("utf-8") == "café"
    sheet = load_workbook(folder / "out/r.xlsx").worksheets[0]
    assert [cell.data_type for cell in sheet["A"]] == ["s", "s", "s"], "what a stranger wrote is no formula"
    assert sorted(os.listdir(folder / "out")) == ["e.csv", "r.csv", "r.json", "r.xlsx", "t.txt"]


async def test_files_are_listed_copied_moved_and_removed(stage: Stage, folder: Path) -> None:
    source = 'COPY "notes.txt", "b/"\nMOVE "b/notes.txt" TO "c/n.txt"\nl = LIST "c/"\nd = DIR "data"\n'
    source += 'r = LIST "/", "*.txt" RECURSIVE\nDELETE FILE "c/n.txt"\nRETURN [l, d.name, d.size, r, COUNT(LIST "c")]'
    assert await stage.result(source, "shop") == [["n.txt"], "people.csv", 20, ["c/n.txt", "notes.txt"], 0]
    assert (folder / "notes.txt").exists() and not (folder / "b/notes.txt").exists()


async def test_a_missing_file_is_an_error_with_the_near_miss(stage: Stage) -> None:
    assert "There is no file note.txt. Did you mean notes.txt?" in await stage.error('x = READ "note.txt"', "shop")
    assert "is a folder" in await stage.error('x = READ "data"', "shop")


async def test_a_broken_row_is_named_and_nothing_of_it_is_kept(stage: Stage, folder: Path) -> None:
    (folder / "bad.csv").write_text("a,b\n1,2\n1,2,3\n")
    assert await stage.error('x = IMPORT "bad.csv"', "shop") == "bad.csv, line 3: 3 values for 2 columns."
    (folder / "bad.xlsx").write_bytes(b"PK no workbook")
    assert "bad.xlsx is no" in await stage.error('x = IMPORT "bad.xlsx"', "shop")
    (folder / "bad.bin").write_bytes(b"\0\1\2")
    assert "is no text" in await stage.error('x = READ "bad.bin"', "shop")


@pytest.mark.parametrize("path", ["../main.bas", "a/../../x", "..\\main.bas", "C:/windows", "x\0y", "a\nb", "n" * 600])
async def test_no_path_leads_out(stage: Stage, path: str) -> None:
    here = Drive(stage.packages / "shop.gbai/shop.gbdrive")
    for act in (lambda: here.content(path), lambda: here.keep(path, b"x"), lambda: here.copy("notes.txt", path)):
        with pytest.raises((Refused, WrongValue)):
            act()
    assert (stage.packages / "shop.gbai/main.bas").read_text() == "RETURN 1"


async def test_no_link_leads_out(stage: Stage, folder: Path) -> None:
    (folder / "out").symlink_to(stage.packages / "shop.gbai")
    (folder / "file").symlink_to(stage.packages / "shop.gbai/main.bas")
    for source in ('x = READ "out/main.bas"', 'x = READ "file"', 'WRITE "out/new.bas", "x"', 'COPY "file", "mine"'):
        assert "leads out of the bot's folder" in await stage.error(source, "shop")
    assert await stage.result('RETURN LIST "/" RECURSIVE', "shop") == [
        "data/people.csv",
        "notes.txt",
        "templates/offer.html",
    ]


async def test_packages_do_not_see_each_others_files(stage: Stage) -> None:
    assert "There is no file notes.txt" in await stage.error('x = READ "notes.txt"')
    assert await stage.result('WRITE "mine.txt", "a"\nRETURN READ "mine.txt"') == "a"
    assert "There is no file mine.txt" in await stage.error('x = READ "mine.txt"', "shop")


async def test_downloads_keep_what_is_behind_an_address(stage: Stage, folder: Path) -> None:
    stage.site.pages["/files/a%20b.txt"] = ("text/plain", "hello")
    source = 'a = DOWNLOAD "SITE/files/a%20b.txt"\nb = UPLOAD "SITE/files/a%20b.txt" TO "kept/"\n'
    source += 'c = DOWNLOAD "SITE/x" AS LINK\n'
    assert await stage.result(source + "RETURN [a, b, c]", "shop") == [
        "downloads/a b.txt", "kept/a b.txt", f"{stage.site.url}/x",
    ]  # fmt: skip
    assert (folder / "downloads/a b.txt").read_text() == "hello"
    assert "answered 404 Gone" in await stage.error('DOWNLOAD "SITE/none"', "shop")
    assert "at most" in await stage.error('DOWNLOAD "SITE/huge"', "shop")
    assert "private address" in await stage.error('DOWNLOAD "http://169.254.169.254/"', "shop")


async def test_archives_are_packed_and_unpacked(stage: Stage, folder: Path) -> None:
    source = 'WRITE "r1.csv", "a"\nWRITE "r2.csv", "b"\nz = COMPRESS "all.zip", "r*.csv"\nx = EXTRACT "all.zip", "un"\n'
    source += 'y = COMPRESS ["notes.txt", "data"], "two.zip"\nRETURN [z, x, y, READ "un/r2.csv"]'
    assert await stage.result(source, "shop") == ["all.zip", ["un/r1.csv", "un/r2.csv"], "two.zip", "b"]
    with zipfile.ZipFile(folder / "two.zip") as found:
        assert found.namelist() == ["notes.txt", "data/people.csv"]


def _zip(path: Path, **files: bytes) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name.replace("UP", ".."), content)


def test_bombs_and_paths_that_lead_out_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    here = Drive(tmp_path / "drive")
    here.keep("one.txt", b"1")
    _zip(tmp_path / "drive/bomb.zip", a=b"\0" * 20_000_000)
    with pytest.raises(LimitReached, match="would unpack to 1 files of 20,000,000 bytes"):
        archives.unpacked(here, "bomb.zip", "x")
    _zip(tmp_path / "drive/up.zip", **{"good.txt": b"1", "UP/UP/evil.txt": b"2"})
    with pytest.raises(Refused, match="leads out"):
        archives.unpacked(here, "up.zip", "x")
    _zip(tmp_path / "drive/torn.zip", **{"good.txt": b"1" * 500, "torn.txt": bytes(range(256)) * 20})
    whole = bytearray((tmp_path / "drive/torn.zip").read_bytes())
    whole[whole.index(b"torn.txt") + 8 + 30 : whole.index(b"torn.txt") + 8 + 60] = b"\xff" * 30
    (tmp_path / "drive/torn.zip").write_bytes(whole)
    with pytest.raises(WrongValue, match=r"torn\.txt in torn\.zip cannot be unpacked"):
        archives.unpacked(here, "torn.zip", "x")
    (tmp_path / "drive/none.zip").write_bytes(b"no archive")
    with pytest.raises(WrongValue, match="is no ZIP archive"):
        archives.unpacked(here, "none.zip", "x")
    assert not list(tmp_path.rglob("good.txt")) and not list(tmp_path.rglob("evil.txt"))


async def test_pdfs_are_made_from_templates_and_joined(stage: Stage, folder: Path) -> None:
    source = 'd = {customer: {name: "Ana"}, total: 12.5}\na = GENERATE PDF "offer", d, "o.pdf"\n'
    source += (
        'b = GENERATE PDF "p.pdf" WITH TEMPLATE "no_such_report" DATA d\nm = MERGE PDF ["o.pdf", "p.pdf"], "m.pdf"\n'
    )
    assert await stage.result(source + "RETURN [a.path, b.name, m.url]", "shop") == ["o.pdf", "p.pdf", "m.pdf"]
    first, second = PdfReader(folder / "m.pdf").pages
    assert "Offer for Ana" in first.extract_text() and "Total 12.5" in first.extract_text()
    assert "no_such_report" in second.extract_text() and "total: 12.5" in second.extract_text()
    assert "notes.txt is no PDF" in await stage.error('x = MERGE PDF ["notes.txt"]', "shop")


async def test_a_qr_code_is_a_picture(stage: Stage, folder: Path) -> None:
    assert await stage.result('RETURN QR CODE "https://example.com", 300, "qr.png"', "shop") == "qr.png"
    assert (folder / "qr.png").read_bytes().startswith(b"\x89PNG")
    assert "holds at most" in await stage.error(f'x = QR CODE "{"x" * 5000}"', "shop")


def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Drive(tmp_path)
    here.keep("a.txt", b"before")

    def full(draft: Path, content: bytes) -> None:
        draft.write_bytes(content[:3])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(drive, "_write", full)
    with pytest.raises(OSError):
        here.keep("a.txt", b"after")
    assert (tmp_path / "a.txt").read_bytes() == b"before" and os.listdir(tmp_path) == ["a.txt"]


def test_what_belongs_to_a_shipped_package_stays_and_is_overlaid(tmp_path: Path) -> None:
    (tmp_path / "seed").mkdir()
    (tmp_path / "seed/a.txt").write_text("shipped")
    here = Drive(tmp_path / "own", tmp_path / "seed")
    assert here.content("a.txt") == b"shipped"
    with pytest.raises(ProgramError, match="belongs to the package"):
        here.remove("a.txt")
    here.keep("a.txt", b"mine")
    assert (here.content("a.txt"), here.names("", "*", recursive=True)) == (b"mine", ["a.txt"])
    assert (tmp_path / "seed/a.txt").read_text() == "shipped"
    assert here.remove("a.txt") and here.content("a.txt") == b"shipped"
