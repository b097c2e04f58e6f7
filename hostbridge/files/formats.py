"""Files as values and values as files: text, lines, tables (CSV, XLSX), PDF, QR codes. Blocks: call it in a thread."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from keywords.encode import read_json
from keywords.functions_export import to_csv
from keywords.host import Value
from keywords.mistakes import LimitReached, WrongValue
from keywords.places import member
from keywords.values import MAX_TEXT, List, Object, RowSet, adopt, is_container, numeric, plain, text

MOST_ROWS = 100_000
MOST_PAGES = 2_000
_SLOT = re.compile(r"\{\{\s*([\w.]+)\s*\}\}|\$\{\s*([\w.]+)\s*\}")


def decoded(content: bytes, name: str) -> str:
    """The text of a file; raises WrongValue when it is none."""
    try:
        words = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        words = content.decode("cp1252", "replace") if b"\0" not in content else ""
    if "\0" in words or (content and not words):
        raise WrongValue(f"{name} is no text. READ ... AS TABLE reads CSV and XLSX.")
    if len(words) > MAX_TEXT:
        raise LimitReached(f"{name} is longer than a text may be: {MAX_TEXT:,} characters.")
    return words


def table(content: bytes, name: str) -> RowSet:
    """The rows of a CSV, XLSX or JSON file by its first line; raises WrongValue that names a row that does not fit."""
    ending = name.rpartition(".")[2].casefold()
    if ending == "xlsx":
        return _sheet(content, name)
    words = decoded(content, name)
    if ending == "json":
        found = read_json(words)
        rows = found if isinstance(found, list) else [found]
        if not all(isinstance(row, Object) for row in rows):
            raise WrongValue(f"{name} holds no rows: a list of objects is expected.")
        return RowSet(rows)
    separator = max(",;\t", key=words.partition("\n")[0].count)
    lines = csv.reader(io.StringIO(words, newline=""), delimiter=separator, strict=True)
    try:
        return _rows(name, ((lines.line_num, row) for row in lines))
    except csv.Error as error:
        raise WrongValue(f"{name}, line {lines.line_num}: {error}.") from None


def _sheet(content: bytes, name: str) -> RowSet:
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    from hostbridge.files.archives import checked

    try:
        checked(content, name)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (InvalidFileException, BadZipFile, KeyError, ValueError, OSError) as error:
        raise WrongValue(f"{name} is no XLSX file: {error}.") from None
    try:
        sheet: Any = book.worksheets[0]
        return _rows(name, enumerate((["" if v is None else v for v in row] for row in sheet.values), 1))
    finally:
        book.close()


def _rows(name: str, lines: Any) -> RowSet:
    names: list[str] = []
    rows = RowSet()
    for number, row in lines:
        if not any(cell != "" for cell in row):
            continue
        if not names:
            names = [str(cell).strip() or f"column{place}" for place, cell in enumerate(row, 1)]
            continue
        if len(row) != len(names):
            raise WrongValue(f"{name}, line {number}: {len(row)} values for {len(names)} columns.")
        if len(rows) == MOST_ROWS:
            raise LimitReached(f"{name} has more than {MOST_ROWS:,} rows.")
        rows.append(Object((key, _cell(cell)) for key, cell in zip(names, row, strict=True)))
    return rows


def _cell(cell: Any) -> Value:
    if not isinstance(cell, str):
        return adopt(cell) if isinstance(cell, int | float | date | datetime) else text(adopt(str(cell)))
    words = cell.strip()
    if not words:
        return None
    number = numeric(words) if re.fullmatch(r"-?(?:0|[1-9]\d*)(?:\.\d+)?", words) else None
    return words if number is None else number


# -- values as files ---------------------------------------------------------------------------------------------------


def encoded(value: Value, name: str, kind: str) -> bytes:
    """What WRITE keeps: rows as CSV or XLSX by the file's name, objects as JSON, everything else as text."""
    ending = name.rpartition(".")[2].casefold()
    rows = isinstance(value, list) and bool(value) and all(isinstance(row, Object) for row in value)
    if ending == "xlsx" and (rows or isinstance(value, Object)):
        return workbook(value if isinstance(value, list) else List([value]))
    if rows and (ending == "csv" or kind == "TABLE"):
        return to_csv(value).encode()
    if kind == "LINES" and isinstance(value, list):
        return "".join(f"{text(line)}\n" for line in value).encode()
    return text(value).encode()


def workbook(rows: Sequence[Mapping[str, Value]]) -> bytes:
    """An XLSX file with one sheet."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("data")
    columns = list(dict.fromkeys(name for row in rows for name in row))
    sheet.append(columns)
    for row in rows:
        sheet.append([_excel(row.get(column)) for column in columns])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _excel(value: Value) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)  # a workbook knows no time zones
    if isinstance(value, str) and value[:1] in "=+-@" and numeric(value) is None:
        return "'" + value  # else a cell that a stranger filled would be run as a formula
    return text(value) if is_container(value) else adopt(value) if value is None else plain(value)


def filled(template: str, data: Value) -> str:
    """The template with `{{name}}` and `${name}` filled from the data; what it does not have is left empty."""

    def fill(slot: re.Match[str]) -> str:
        found = data
        for name in (slot[1] or slot[2]).split("."):
            found = member(found, name, optional=True) if isinstance(found, Object) else None
        return text(found)

    return _SLOT.sub(fill, template)


def values_of(data: Any) -> Value:
    """Plain JSON as the values of a template."""
    return adopt(data)


def pdf(template: str, html: bool) -> bytes:
    """A PDF of text or simple HTML (the subset of fpdf2)."""
    from fpdf import FPDF
    from fpdf.errors import FPDFException

    document = FPDF(format="A4")
    document.add_page()
    document.set_font("Helvetica", size=11)
    words = template.encode("cp1252", "replace").decode("cp1252")  # what the fonts of every PDF reader can show
    try:
        if html:
            document.write_html(words)
        else:
            document.multi_cell(0, 6, words)
    except (FPDFException, ValueError, NotImplementedError) as error:
        raise WrongValue(f"The template cannot be set as PDF: {error}.") from None
    return bytes(document.output())


def merged(documents: Sequence[tuple[str, bytes]]) -> bytes:
    """The pages of several PDFs as one; raises WrongValue that names the one that is no PDF."""
    from pypdf import PdfReader, PdfWriter
    from pypdf.errors import PyPdfError

    writer = PdfWriter()
    for name, content in documents:
        try:
            reader = PdfReader(io.BytesIO(content))
            for page in reader.pages:
                writer.add_page(page)
        except (PyPdfError, ValueError, KeyError, OSError) as error:
            raise WrongValue(f"{name} is no PDF that can be read: {error}.") from None
        if len(writer.pages) > MOST_PAGES:
            raise LimitReached(f"More than {MOST_PAGES:,} pages.")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def qr(words: str, size: int) -> bytes:
    """A PNG with a QR code, about `size` pixels wide."""
    import segno

    try:
        code = segno.make(words, error="m")
    except segno.DataOverflowError:
        raise LimitReached("A QR code holds at most about 2,300 letters.") from None
    made = io.BytesIO()
    code.save(made, kind="png", scale=max(1, size // (code.symbol_size()[0])), border=4)
    return made.getvalue()
