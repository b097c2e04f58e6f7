"""A dialog that is being edited: the last version that compiles is in use."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hostbridge.discovery import Discovery, broken_ones
from hostbridge.packages import Package, Packages
from keywords.library import registry
from keywords.mistakes import WrongValue

GOOD, BETTER, BAD = 'TALK "one"\n', 'TALK "two"\n', 'TALK "three"\nIF 1 THEN\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def dialog(tmp_path: Path) -> Path:
    path = tmp_path / "packages/shop.gbai/shop.gbdialog/hello.bas"
    path.parent.mkdir(parents=True)
    path.write_text(GOOD, "utf-8")
    return path


def packages(dialog: Path, home: Path) -> Packages:
    return Packages([dialog.parents[2]], home, Discovery(registry(), home).read)


def text(known: Packages) -> str:
    package = known.find("shop")
    assert isinstance(package, Package)
    found = package.dialog("hello")
    assert found
    return found.text()


def test_a_changed_dialog_counts_at_once(dialog: Path, home: Path) -> None:
    known = packages(dialog, home)
    assert text(known) == GOOD
    dialog.write_text(BETTER, "utf-8")
    assert text(known) == BETTER and known.program("shop/hello").source == BETTER


def test_a_broken_dialog_leaves_the_last_good_one_in_use_and_is_told(dialog: Path, home: Path) -> None:
    known = packages(dialog, home)
    assert (text(known), broken_ones(home)) == (GOOD, [])
    dialog.write_text(BAD, "utf-8")
    assert [text(known), text(known)] == [GOOD, GOOD]
    [broken] = broken_ones(home)
    assert (broken.path, broken.line) == (str(dialog), 2) and broken.message == "The IF of line 2 is never closed."
    dialog.write_bytes(b"\xff\xfe")
    assert text(known) == GOOD, "what is no text is as broken"
    dialog.write_text(BETTER, "utf-8")
    assert (text(known), broken_ones(home)) == (BETTER, [])


def test_the_last_good_one_outlives_the_process(dialog: Path, home: Path) -> None:
    first = packages(dialog, home)
    assert text(first) == GOOD
    dialog.write_text(BAD, "utf-8")
    assert text(first) == GOOD
    later = packages(dialog, home)
    assert [text(later), text(later)] == [GOOD, GOOD]
    dialog.write_text(BETTER, "utf-8")
    assert (text(later), broken_ones(home)) == (BETTER, [])


def test_a_dialog_that_never_was_right_is_what_it_is(dialog: Path, home: Path) -> None:
    dialog.write_text(BAD, "utf-8")
    known = packages(dialog, home)
    assert text(known) == BAD
    dialog.write_text(BAD + "TALK 1\n", "utf-8")
    assert text(known) == BAD + "TALK 1\n" and broken_ones(home) == []
    dialog.write_bytes(b"\xff")
    with pytest.raises(WrongValue, match="not UTF-8"):
        text(known)


async def test_folders_are_watched(dialog: Path, home: Path) -> None:
    noticed: asyncio.Queue[Path] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    class Watching(Discovery):
        def noticed(self, path: Path) -> None:
            super().noticed(path)
            loop.call_soon_threadsafe(noticed.put_nowait, path)

    discovery = Watching(registry(), home)
    assert discovery.read(dialog, "hello") == GOOD
    watching = asyncio.create_task(discovery.run(lambda: [dialog.parents[2]]))
    try:
        async with asyncio.timeout(30):
            while noticed.empty():  # the watch begins at its own time: what is written before is not seen
                dialog.write_text(BAD, "utf-8")
                (dialog.parent / "notes.txt").write_text("not ours", "utf-8")
                await asyncio.sleep(0.05)
        assert {noticed.get_nowait() for _ in range(noticed.qsize())} == {dialog}
        assert [broken.path for broken in broken_ones(home)] == [str(dialog)]
    finally:
        watching.cancel()
        await asyncio.wait([watching])
