"""How collections and the pieces of documents are named."""

from __future__ import annotations

from keywords.library.kb import WEBSITE


def from_web(collection: str) -> bool:
    """Whether the documents of a collection are pages of a web site, and no files."""
    return collection.startswith(WEBSITE)


def named(collection: str, path: str, number: int) -> str:
    """The name of a piece."""
    return f"{collection}/{path}#{number}"


def place(name: str) -> tuple[str, str, int]:
    """Collection, path and number of the piece with this name."""
    document, _, number = name.rpartition("#")
    collection, _, path = document.partition("/")
    return collection, path, int(number)
