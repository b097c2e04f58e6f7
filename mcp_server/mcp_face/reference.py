"""The reference of the language for whoever writes a program: found by what one wants to do, or by a word half known.

Words count by their stems and their rarity, and, where word vectors are installed, by what they mean: so a question
that shares no word with the reference is answered, too. A name given exactly, or nearly, comes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from threading import Lock
from typing import TYPE_CHECKING

from keywords import structure
from keywords.functions import FUNCTIONS
from keywords.match import written
from keywords.registry import Keyword, Registry, spelling
from mcp_server.mcp_face.structure_told import ALSO, TOLD
from storage.search.entry import Entry
from storage.search.fusion import Weights
from storage.search.index import SearchIndex

if TYPE_CHECKING:
    from storage.search.embedding import WordVectors

ALIKE = 0.72  # from here on a name may have been meant
LEAST = 0.30  # cosine: what shares no word with a question and is less alike does not answer it
MOST_FORMS = 6
ANNOUNCED = "announced: not yet carried out"


@dataclass(frozen=True, slots=True)
class Page:
    """One keyword, word of the grammar or built-in function."""

    name: str
    kind: str  # keyword, structure, function
    forms: tuple[str, ...]
    summary: str
    example: str
    effect: str = ""
    also: tuple[str, ...] = ()  # other names

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(spelling(name) for name in (self.name, *self.also)))


class Reference:
    """All pages of one registry, searchable."""

    def __init__(self, registry: Registry, vectors: WordVectors | None) -> None:
        self._vectors = vectors
        self._one = Lock()
        self._pages = {page.name: page for page in pages(registry)}
        self._index = SearchIndex(vectors.dimensions if vectors else 1, Weights(length=0.0))
        for page in self._pages.values():
            about = " ".join((*page.names, *page.names, ALSO.get(page.name, "")))  # a name says most
            told = f"{page.summary} {page.example}"
            vector = vectors.embed(f"{page.name.lower()} {page.summary}") if vectors else None
            self._index.put(Entry(page.name, told, about), vector)

    def search(self, question: str, limit: int) -> list[Page]:
        """The pages that answer it best, the best first; none when nothing speaks for any. From any thread."""
        with self._one:  # neither the index nor the vectors are for several threads
            return self._found(question, limit)

    def _found(self, question: str, limit: int) -> list[Page]:
        named = self._named(question)
        asked = question[:1_000]
        vector = self._vectors.embed(self._index.matter(asked)) if self._vectors else None
        hits = self._index.search(asked, vector, 2 * limit + len(named))
        found = [self._pages[hit.id] for hit in hits if hit.words > 0 or hit.meaning >= LEAST]
        found.sort(key=lambda page: page.effect == ANNOUNCED)  # what acts comes first
        names = dict.fromkeys((*named, *(page.name for page in found)))
        return [self._pages[name] for name in names][:limit]

    def _named(self, question: str) -> Sequence[str]:
        """What the question calls by its name, or nearly so, the likeliest first."""
        asked = spelling(question[:200])
        if not asked or len(asked.split()) > 4:
            return ()
        scores: list[tuple[float, str]] = []
        for page in self._pages.values():
            best = max(_alike(asked, name) for name in page.names)
            if best >= ALIKE:
                scores.append((-best, page.name))
        return [name for _, name in sorted(scores)[:3]]


def pages(registry: Registry) -> Iterator[Page]:
    """The whole reference."""
    for keyword in registry:
        if keyword.group != "internal":
            yield _of_keyword(keyword)
    known = set(registry.keywords)
    for word in structure.WORDS:
        if word.name in TOLD and word.name not in known:
            summary, example = TOLD[word.name]
            forms = tuple(dict.fromkeys(_shown(written(form)) for form in word.forms))[:MOST_FORMS]
            yield Page(word.name, "structure", forms, summary, example, also=tuple(form.words for form in word.forms))
            known.add(word.name)
    for name, function in sorted(FUNCTIONS.items()):
        if name == function.name and name.isidentifier() and name not in known:
            count = "no" if not function.most else str(function.least)
            more = (
                "" if function.least == function.most else f" to {function.most}" if function.most < 100 else " or more"
            )
            summary = f"A built-in function of {count}{more} values."
            yield Page(name, "function", (f"{name}(...)",), summary, "", also=function.aliases)


def _of_keyword(keyword: Keyword) -> Page:
    loose = {f"{form.words} {{values:many}}" for form in keyword.forms if keyword.announced}
    forms = [form for form in keyword.forms if form.syntax not in loose] or list(keyword.forms)
    return Page(
        keyword.name,
        "keyword",
        tuple(dict.fromkeys(_shown(written(form)) for form in forms))[:MOST_FORMS],
        keyword.summary,
        keyword.example,
        ANNOUNCED if keyword.announced and not keyword.elsewhere else str(keyword.effect),
        tuple(form.words for form in keyword.forms),
    )


def _shown(form: str) -> str:
    return form.replace(" :", ":")


def _alike(asked: str, name: str) -> float:
    if asked == name:
        return 2.0
    if name.startswith(f"{asked} ") or (asked.startswith(f"{name} ") and asked.count(" ") < 2):
        return 0.9 if len(name) > 3 else 0.75
    if len(name) < 4:
        return 0.0
    matcher = SequenceMatcher(None, asked, name, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= ALIKE else 0.0
