"""From a file to its text, page by page. Headings become lines that begin with `#`, whatever the format.

A file comes from strangers: it may be broken, locked, or blow up when it is unpacked. Then it is Unreadable, with the
reason, and the other documents are read without it.
"""

from __future__ import annotations

import csv
import io
import logging
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, cast

FORMAT = "1"  # raise it when a file is read or cut differently: every document is then read again
LARGEST = 64 * 1024 * 1024  # bytes of a file
UNPACKED = 512 * 1024 * 1024  # bytes in a file that is a zip
MOST_CHARACTERS = 32 * 1024 * 1024
MOST_PAGES = 20_000
_SURROGATES = re.compile("[\ud800-\udfff\0]")


class Unreadable(Exception):
    """Nothing of the document can be found; says why."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page, a sheet, or all of a text (number 0)."""

    number: int
    text: str


def readable(path: Path) -> bool:
    """Whether a file of this name is a document."""
    return path.suffix.lower() in READERS and not path.name.startswith((".", "~$"))


def pages(name: str, content: bytes) -> list[Page]:
    """The text of a document; raises Unreadable."""
    if len(content) > LARGEST:
        raise Unreadable(f"{name} is larger than {LARGEST // 1024**2} MB.")
    try:
        read = READERS[Path(name).suffix.lower()](content)
        found = [Page(page.number, _SURROGATES.sub(" ", page.text)) for page in islice(_bounded(read), MOST_PAGES)]
    except Unreadable as error:
        raise Unreadable(f"{name} {error}") from None
    except RecursionError:
        raise Unreadable(f"{name} is nested too deeply.") from None
    except Exception as error:  # noqa: BLE001 - the libraries raise whatever a broken file leads them to
        raise Unreadable(f"{name} is broken: {str(error)[:200] or type(error).__name__}") from None
    if not any(page.text.strip() for page in found):
        raise Unreadable(f"{name} holds no text.")
    return found


def _bounded(read: Iterator[Page]) -> Iterator[Page]:
    left = MOST_CHARACTERS
    for page in read:
        yield Page(page.number, page.text[:left])
        left -= len(page.text)
        if left <= 0:
            return


def _text(content: bytes) -> Iterator[Page]:
    yield Page(0, _decoded(content))


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    if b"\0" in content:
        raise Unreadable("is not a text.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _html(content: bytes) -> Iterator[Page]:
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(content, "html.parser")
    for unseen in soup.find_all(["script", "style", "noscript", "template", "nav"]):
        unseen.decompose()
    for level in range(1, 7):
        for heading in soup.find_all(f"h{level}"):
            heading.string = f"\n\n{'#' * level} {heading.get_text(' ', strip=True)}\n\n"
    for cell in soup.find_all(["td", "th"]):
        cell.append(" ")
    for block in soup.find_all(["p", "div", "li", "tr", "br", "section", "article", "table", "ul", "ol", "pre", "dd"]):
        block.append("\n" if block.name in ("li", "tr", "br") else "\n\n")
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    if soup.title:
        soup.title.decompose()
    yield Page(0, (f"# {title}\n\n" if title else "") + soup.get_text())


def _csv(content: bytes) -> Iterator[Page]:
    text = _decoded(content)
    head = text[:8192]
    delimiter = max(",;\t|", key=head.partition("\n")[0].count)
    csv.field_size_limit(LARGEST)
    yield Page(0, _table(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)))


def _xlsx(content: bytes) -> Iterator[Page]:
    from openpyxl import load_workbook

    _zipped(content)
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    try:
        for number, sheet in enumerate(cast("Iterable[Any]", book.worksheets), 1):
            rows = ([_cell(value) for value in row] for row in sheet.iter_rows(values_only=True))
            yield Page(number, f"# {sheet.title}\n\n{_table(rows)}")
    finally:
        book.close()


def _docx(content: bytes) -> Iterator[Page]:
    from docx import Document
    from docx.table import Table

    _zipped(content)
    lines: list[str] = []
    for block in Document(io.BytesIO(content)).iter_inner_content():
        if isinstance(block, Table):
            lines.append(_table([cell.text.strip() for cell in row.cells] for row in block.rows))
            continue
        style = (block.style.name if block.style else None) or ""
        level = re.fullmatch(r"(?:Heading (\d)|Title)", style)
        lines.append(f"{'#' * int(level[1] or 1)} {block.text.strip()}" if level else block.text)
    yield Page(0, "\n\n".join(lines))


def _pdf(content: bytes) -> Iterator[Page]:
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it reads what is a little wrong, and says so each time
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable("is locked with a password.")
    for number, page in enumerate(reader.pages, 1):
        yield Page(number, page.extract_text())


def _zipped(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        size = sum(entry.file_size for entry in packed.infolist())
    if size > UNPACKED:
        raise Unreadable(f"holds {size // 1024**2} MB when it is unpacked, more than {UNPACKED // 1024**2} MB.")


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _table(rows: Iterable[Sequence[str]]) -> str:
    """Each row as a paragraph that names its columns, so that it is understood alone."""
    lines = iter(rows)
    names = [name.strip() for name in next(lines, [])]
    told = (
        "; ".join(
            f"{names[at]}: {value.strip()}" if at < len(names) and names[at] else value.strip()
            for at, value in enumerate(row)
            if value.strip()
        )
        for row in lines
    )
    body = "\n\n".join(line for line in told if line)
    return body or "; ".join(filter(None, names))


READERS: Mapping[str, Callable[[bytes], Iterator[Page]]] = {
    ".txt": _text,
    ".md": _text,
    ".markdown": _text,
    ".html": _html,
    ".htm": _html,
    ".csv": _csv,
    ".xlsx": _xlsx,
    ".docx": _docx,
    ".pdf": _pdf,
}
