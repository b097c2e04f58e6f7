"""No link of a page leads nowhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, Page, pages

LINK = re.compile(r"(?<!\\)!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
ADDRESSES = Path(__file__).with_name("addresses.txt")  # of pages elsewhere, looked at by people when they are added
EXAMPLES = re.compile(r"https?://(?:[\w.-]+\.)?(?:example\.(?:com|org|net)|localhost|127\.0\.0\.1)\b")


def slug(heading: str) -> str:
    """The anchor of a heading, as GitHub and the site make it."""
    words = re.sub(r"`|\*|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")


def anchors(path: Path) -> set[str]:
    page = Page(path)
    return {slug(heading) for heading in re.findall(r"^#+ (.*)$", page.prose, re.MULTILINE)} | set(
        re.findall(r'id="([^"]+)"', page.text)
    )


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_link_inside_the_repository_leads_somewhere(page: Page) -> None:
    for link in LINK.findall(page.prose):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.path.parent / name).resolve() if name else page.path
        assert target.exists(), f"{page.name}: {link} leads to nothing"
        assert target.is_relative_to(ROOT), f"{page.name}: {link} leads out of the repository"
        if page.path.is_relative_to(ROOT / "docs"):
            assert target.is_relative_to(ROOT / "docs"), f"{page.name}: {link} leads out of the site"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{page.name}: {link}: no heading of that name"


def test_every_address_elsewhere_is_listed() -> None:
    listed = set(ADDRESSES.read_text("utf-8").split())
    found = {
        link
        for page in pages()
        for link in [*LINK.findall(page.prose), *re.findall(r"<(https?://[^>\s]+)>", page.prose)]
        if link.startswith("http") and not EXAMPLES.match(link)
    }
    assert found - listed == set(), "open them in a browser, then list them in tests/docs/addresses.txt"
    assert listed - found == set(), "no page names them any more"


def test_every_page_can_be_reached_from_the_first() -> None:
    """The site's navigation names every page; decisions may follow, since search finds them."""
    said = (ROOT / "zensical.toml").read_text("utf-8")
    for path in (ROOT / "docs").rglob("*.md"):
        name = path.relative_to(ROOT / "docs")
        assert f'"{name}"' in said or name.parts[0] == "decisions", f"{name} is not in the navigation of zensical.toml"
    for name in re.findall(r'"([\w/-]+\.md)"', said):
        assert (ROOT / "docs" / name).exists(), f"zensical.toml names {name}, which does not exist"
