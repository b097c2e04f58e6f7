"""What is remembered of folders is what is in them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hostbridge.folders import Found, Remembered
from hostbridge.packages import Packages

LONG_AGO = 1_000_000_000


def aged(*folders: Path) -> None:
    """As if nothing had changed for years."""
    for folder in folders:
        os.utime(folder, ns=(LONG_AGO, LONG_AGO))


class Counting:
    """Finds the names in a folder, and counts how often it looked."""

    def __init__(self) -> None:
        self.looks = 0

    def __call__(self, path: Path) -> Found[list[str]]:
        self.looks += 1
        return sorted(entry.name for entry in path.iterdir()), [path]


def test_a_folder_that_does_not_change_is_looked_through_once(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    aged(tmp_path)
    find = Counting()
    remembered = Remembered(find)
    assert [remembered.at(tmp_path) for _ in range(3)] == [["a"]] * 3
    assert find.looks == 1


def test_a_folder_that_has_just_changed_is_not_remembered(tmp_path: Path) -> None:
    find = Counting()
    just_now = tmp_path.stat().st_mtime_ns
    remembered = Remembered(find, lambda: just_now + 1_000_000)
    (tmp_path / "a").touch()
    os.utime(tmp_path, ns=(just_now, just_now))
    assert remembered.at(tmp_path) == ["a"]
    (tmp_path / "b").touch()
    os.utime(tmp_path, ns=(just_now, just_now))  # the clock has not ticked between the two
    assert remembered.at(tmp_path) == ["a", "b"]


def test_another_folder_under_the_same_name_is_another_folder(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name / name).mkdir(parents=True)
        aged(tmp_path / name)
    current = tmp_path / "current"
    current.symlink_to("old")
    remembered = Remembered(Counting())
    assert remembered.at(current) == ["old"]
    current.unlink()
    current.symlink_to("new")
    assert remembered.at(current) == ["new"]


def change_text(package: Path) -> None:
    (package / "x.gbdialog" / "one.bas").write_text('RETURN "changed"', "utf-8")


def add_dialog(package: Path) -> None:
    (package / "x.gbdialog" / "more" / "two.bas").write_text('RETURN "two"', "utf-8")


def add_settings(package: Path) -> None:
    (package / "x.gbot" / "config.csv").write_text("llm-model,small\n", "utf-8")


def lead_out(package: Path) -> None:
    inside = package / "x.gbdialog" / "one.bas"
    inside.rename(package.parent / "secret.bas")
    inside.symlink_to(package.parent / "secret.bas")


def remove(package: Path) -> None:
    package.rename(package.parent / "other.gbai")


@pytest.mark.parametrize("change", [change_text, add_dialog, add_settings, lead_out, remove])
def test_whatever_changes_in_a_package_counts_at_once(tmp_path: Path, change: Callable[[Path], None]) -> None:
    package = tmp_path / "shop.gbai"
    (package / "x.gbdialog" / "more").mkdir(parents=True)
    (package / "x.gbot").mkdir()
    (package / "x.gbdialog" / "one.bas").write_text('RETURN "one"', "utf-8")
    aged(tmp_path, package, package / "x.gbdialog", package / "x.gbdialog" / "more", package / "x.gbot")
    packages = Packages([tmp_path])
    before = told(packages)
    assert told(packages) == before
    change(package)
    assert told(packages) == told(Packages([tmp_path])) != before


def told(packages: Packages) -> object:
    """All that is found of the package."""
    package = packages.find("shop")
    dialogs = {dialog.name: dialog.text() for dialog in package.dialogs.values()} if package else None
    return dialogs, packages.config("shop"), "shop" in packages.names()
