"""Both languages say everything: each text of the pages stands in the Portuguese table, with the same blanks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import designer
from designer.line_states import WORDS
from designer.showing import STATUS_WORDS
from designer.words import LANGUAGES, preferred, speaker

ROOT = Path(designer.__file__).parent
SAID = re.compile(r"""\b(?:t|say)\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")
LISTED = re.compile(r"""\("[^"]*",\s*(?:"[/\w]*",\s*)?"([^"{}]+)"\)""")
BLANK = re.compile(r"\{(\w+)\}")


def texts() -> set[str]:
    """The texts that templates and pages say; of lists in templates too."""
    found: set[str] = set()
    for file in (*ROOT.rglob("*.html"), *ROOT.rglob("*.py")):
        text = file.read_text("utf-8")
        found |= {double or single for double, single in SAID.findall(text)}
        if file.suffix == ".html" and "t(words)" in text and file.parent.name == "templates":
            found |= {words for words in LISTED.findall(text) if words[:1].isupper()}
    return found | {*STATUS_WORDS.values(), *WORDS.values()}


def test_every_text_of_the_pages_is_said_in_portuguese() -> None:
    table = LANGUAGES["pt"]
    assert sorted(text for text in texts() if text and text not in table) == []


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != "en"])
def test_a_translation_fills_the_same_blanks(language: str) -> None:
    for english, other in LANGUAGES[language].items():
        if '{"' not in english:
            assert set(BLANK.findall(english)) == set(BLANK.findall(other)), english


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("pt-BR,pt;q=0.9,en;q=0.8", "pt"),
        ("en-US,en;q=0.9,pt;q=0.5", "en"),
        ("de,fr;q=0.7", "en"),
        ("pt;q=0, en", "en"),
        ("fr;q=1, pt;q=0.3", "pt"),
        ("", "en"),
        (";;;q=x,,", "en"),
    ],
)
def test_the_language_is_what_the_reader_prefers(header: str, language: str) -> None:
    assert preferred(header) == language


def test_a_text_without_blanks_may_hold_braces() -> None:
    assert speaker("pt")('Inputs are a JSON object, such as {"name": "Ada"}.').endswith('{"name": "Ada"}.')
