"""What a reader of the tutorial sees in the designer, asked for as a browser does: by the link, then by cookie."""

from __future__ import annotations

import re

import httpx

from tests.docs.console import Unlike

LINK = re.compile(r"http://127\.0\.0\.1:\d+/designer/open\?\S+")
SEEN = {
    "/designer": ("offers",),
    "/designer/packages/offers/offer": ("Bot agent", "price", "Human approval", "lead@example.com", "letter"),
    "/designer/runs": ("offers/offer", "completed"),
}


def seen_in_the_designer(printed: str) -> list[str]:
    """The addresses that were looked at; raises Unlike where one does not show what the tutorial says."""
    links = LINK.findall(printed)
    if not links:
        raise Unlike(f"no link of the designer was printed:\n{printed}")
    base = links[-1].partition("/designer")[0]
    with httpx.Client(base_url=base, follow_redirects=True, timeout=30) as browser:
        browser.get(links[-1]).raise_for_status()
        looked = [_looked(browser, path, words) for path, words in SEEN.items()]
        page = browser.get("/designer/runs").text
        run = re.search(r"/designer/runs/[0-9a-f-]{36}", page)
        if run is None:
            raise Unlike("the list of runs links to none")
        return [*looked, _looked(browser, run[0], ("letter", "we offer 40 mugs"))]


def _looked(browser: httpx.Client, path: str, words: tuple[str, ...]) -> str:
    answer = browser.get(path)
    missing = [word for word in words if word not in answer.text]
    if answer.status_code != 200 or missing:
        raise Unlike(f"{path} answered {answer.status_code} without {missing}:\n{_plain(answer.text)[:1500]}")
    return path


def _plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL))
