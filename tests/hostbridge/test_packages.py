"""Which packages and dialogs are found, and what is read of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hostbridge.kept_folders import keep, kept
from hostbridge.packages import Packages, alike, shipped
from keywords.mistakes import LimitReached, UnknownName, WrongValue

SHIPPED = (
    "content-moderation",
    "customer-support",
    "document-approval",
    "expert-panel",
    "order-processing",
    "router",
    "starter",
)


def write(path: Path, text: str | bytes = 'RETURN "x"') -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "packages"
    write(root / "shop.gbai/crm.gbdialog/campaigns/Send-Offer.bas")
    write(root / "shop.gbai/crm.gbdialog/start.bas", 'TALK "hi"')
    write(root / "shop.gbai/crm.gbdialog/tables.bas", "TABLE x")
    write(root / "shop.gbai/order.bas", 'ORCHESTRATE WORKFLOW "take order"\nEND WORKFLOW')
    write(root / "deep/er/bank.gbai/start.bas/not-a-file.txt")
    write(root / "deep/er/bank.gbai/transfer.bas")
    return root


def test_packages_are_found_below_the_folder_and_among_the_templates(folder: Path) -> None:
    assert Packages([folder]).names() == tuple(sorted(("bank", *SHIPPED, "shop")))
    assert Packages([]).names() == SHIPPED
    assert Packages([folder / "shop.gbai"]).find("shop")
    assert Packages([folder / "missing"]).names() == SHIPPED


@pytest.mark.parametrize("name", ["send-offer", "SEND OFFER", "sendoffer", "Send_Offer", "send offer.bas"])
def test_a_dialog_is_found_whatever_its_case_blanks_and_hyphens(folder: Path, name: str) -> None:
    package = Packages([folder]).find("Shop.gbai")
    assert package
    dialog = package.dialog(name)
    assert dialog
    assert (dialog.full_name, dialog.text()) == ("shop/Send-Offer", 'RETURN "x"')


def test_files_of_the_root_are_dialogs_and_tables_is_none(folder: Path) -> None:
    package = Packages([folder]).find("shop")
    assert package
    assert sorted(dialog.name for dialog in package.dialogs.values()) == ["Send-Offer", "order", "start"]


def test_a_folder_that_is_called_like_a_file_is_no_dialog(folder: Path) -> None:
    package = Packages([folder]).find("bank")
    assert package
    assert [dialog.name for dialog in package.dialogs.values()] == ["transfer"]


def test_the_first_of_two_namesakes_counts(folder: Path, tmp_path: Path) -> None:
    write(tmp_path / "mine/shop.gbai/mine.bas")
    package = Packages([tmp_path / "mine", folder]).find("shop")
    assert package
    assert list(package.dialogs) == ["mine"]


def test_an_edited_file_counts_at_once(folder: Path) -> None:
    packages = Packages([folder])
    write(folder / "shop.gbai/new.bas", "RETURN 1")
    package = packages.find("shop")
    assert package
    dialog = package.dialog("new")
    assert dialog
    write(dialog.path, "RETURN 2")
    assert dialog.text() == "RETURN 2"


def test_links_do_not_lead_out(folder: Path, tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.bas", "RETURN 1")
    write(tmp_path / "outside.gbai/x.bas")
    os.symlink(secret, folder / "shop.gbai/leak.bas")
    os.symlink(tmp_path / "outside.gbai", folder / "outside.gbai")
    os.symlink(folder / "shop.gbai/order.bas", folder / "shop.gbai/order2.bas")
    packages = Packages([folder])
    assert "outside" not in packages.names()
    package = packages.find("shop")
    assert package
    assert package.dialog("leak") is None
    assert package.dialog("order2")


@pytest.mark.parametrize("name", ["../secret", "..", "/etc/passwd", "shop.gbai/../shop", "", ".gbai", "\0"])
def test_a_name_never_becomes_a_path(folder: Path, name: str) -> None:
    write(folder.parent / "secret.gbai/x.bas")
    assert Packages([folder]).find(name) is None


def test_a_link_that_turns_in_a_circle_does_no_harm(folder: Path) -> None:
    os.symlink(folder, folder / "deep/again")
    assert "shop" in Packages([folder]).names()


def test_a_file_of_more_than_a_megabyte_is_refused(folder: Path) -> None:
    write(folder / "shop.gbai/big.bas", b"'" * (1024 * 1024 + 1))
    package = Packages([folder]).find("shop")
    assert package
    with pytest.raises(LimitReached, match=r"shop/big\.bas is larger than 1 MB"):
        package.dialogs["big"].text()


def test_a_file_that_is_not_utf8_is_refused_with_its_line(folder: Path) -> None:
    write(folder / "shop.gbai/old.bas", 'x = 1\nTALK "ol\u00e1"'.encode("latin-1"))
    package = Packages([folder]).find("shop")
    assert package
    with pytest.raises(WrongValue, match=r"shop/old\.bas is not UTF-8 text \(line 2\)"):
        package.dialogs["old"].text()


def test_a_byte_order_mark_is_not_part_of_the_program(folder: Path) -> None:
    write(folder / "shop.gbai/bom.bas", b"\xef\xbb\xbfRETURN 1")
    package = Packages([folder]).find("shop")
    assert package
    assert package.dialogs["bom"].text() == "RETURN 1"


def test_settings_are_read_as_the_host_reads_them(folder: Path) -> None:
    text = 'name,value\r\n# llm-model,commented\nllm-model, gpt \nllm-url,http://a,b\nquoted,"x"\n\nalone\nllm-model,last\n'
    write(folder / "shop.gbai/other.gbot/config.csv", text)
    packages = Packages([folder])
    assert packages.config("shop") == {"llm-model": "last", "llm-url": "http://a,b", "quoted": "x"}
    assert packages.config("nobody") == {}


@pytest.mark.parametrize("file", ["PROMPT.md", "prompt.md", "prompt.txt"])
def test_the_prompt_of_a_package_is_a_file(folder: Path, file: str) -> None:
    write(folder / "shop.gbai/shop.gbot" / file, "\nYou sell.\n")
    package = Packages([folder]).find("shop")
    assert package
    assert package.prompt() == "You sell."


@pytest.mark.parametrize("name", ["shop/order", "shop", "take order", "order", "Take-Order", "shop/ORDER.bas"])
def test_a_workflow_is_found_by_package_file_or_title(folder: Path, name: str) -> None:
    program = Packages([folder]).program(name)
    assert (program.name, program.origin) == ("shop/order", "shop")


def test_a_package_with_several_workflows_answers_with_its_namesake() -> None:
    assert Packages([]).program("customer-support").name == "customer-support/request"


def test_an_ambiguous_workflow_is_refused_with_the_choices(folder: Path) -> None:
    write(folder / "shop.gbai/other.bas", 'ORCHESTRATE WORKFLOW "another"\n')
    with pytest.raises(WrongValue, match="shop/order, shop/other"):
        Packages([folder]).program("shop")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("shop/ordr", "Did you mean shop/order"),
        ("shop/zzzz", "The package shop has: Send-Offer, order, start"),
        ("zzzz", "There are: .*, customer-support/request, customer-support/warehouse, .*, shop/order"),
        ("bank", "There are: none"),
    ],
)
def test_an_unknown_workflow_is_answered_with_what_there_is(folder: Path, name: str, words: str) -> None:
    with pytest.raises(UnknownName, match=words):
        Packages([folder]).program(name)


def test_the_templates_are_shipped() -> None:
    assert all((shipped() / f"{name}.gbai/README.md").is_file() for name in SHIPPED)


def test_names_are_alike_without_case_blanks_and_hyphens() -> None:
    assert alike("Order Check") == alike("order-check.bas") == alike("ORDER_CHECK")


def test_folders_that_a_data_folder_keeps_are_looked_through_after_the_given_ones(folder: Path, tmp_path: Path) -> None:
    home, mine, late = tmp_path / "home", tmp_path / "mine\rä", tmp_path / "late"
    write(mine / "shop.gbai/only.bas")
    write(late / "kiosk.gbai/sell.bas")
    packages = Packages([folder], home)
    keep(home, [mine, late, tmp_path / "gone"])
    keep(home, [late])
    assert kept(home) == (tmp_path / "gone", late, mine)
    assert packages.names() == tuple(sorted(("bank", *SHIPPED, "kiosk", "shop")))
    assert packages.find("shop") == Packages([folder]).find("shop")
    assert Packages([], home).find("shop") == Packages([mine]).find("shop")


def test_a_data_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    home = write(tmp_path / "a-file")
    keep(home, [tmp_path])
    assert kept(home) == ()
