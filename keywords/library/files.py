"""Files of the bot: reading, writing, packing, converting."""

from __future__ import annotations

import secrets
from functools import partial

from keywords.function import items, whole, words
from keywords.host import Files, Host, Moment, Value
from keywords.library.announced import announced
from keywords.mistakes import Refused, WrongValue
from keywords.registry import Effect, Keyword, keyword
from keywords.values import Object, text

_act = partial(announced, group="files", effect=Effect.IDEMPOTENT)
KINDS = ("TEXT", "TABLE", "LINES")


def files_of(host: Host) -> Files:
    """The files of the caller's bot; raises Refused where the engine was opened without any."""
    if host.services.files is None:
        raise Refused("There are no files here: this engine was opened without a folder for them.")
    return host.services.files


def path_of(value: Value) -> str:
    """The path that an argument is: a text, or what DIR and DOWNLOAD tell of a file."""
    found = value.get("path", value.get("url")) if isinstance(value, Object) else value
    if not isinstance(found, str) or not found.strip():
        raise WrongValue('The path of a file is a text such as "reports/may.txt".')
    return found


@keyword("READ {path} [AS {kind:name}]", effect=Effect.READ, example='READ "notes.txt"', group="files")
async def read(host: Host, path: Value, kind: str = "TEXT") -> Value:
    """The content of a file: its text, its rows (AS TABLE: CSV, XLSX, JSON) or its lines (AS LINES)."""
    asked, wanted = path_of(path), _kind(kind)
    return await files_of(host).read(host.identity, asked, wanted)


@keyword(
    "WRITE {path}, {content}",
    "WRITE {content} TO {path} [AS {kind:name}]",
    effect=Effect.IDEMPOTENT,
    example='WRITE "notes.txt", text',
    group="files",
)
async def write(host: Host, path: Value, content: Value, kind: str = "TEXT") -> Value:
    """Store content as a file and answer its path; rows become CSV or XLSX by the file's name."""
    return await files_of(host).write(host.identity, path_of(path), content, _kind(kind))


@keyword(
    "COPY {source}, {target}",
    "COPY {source} TO {target}",
    effect=Effect.IDEMPOTENT,
    example='COPY "a.txt", "b.txt"',
    group="files",
)
async def copy(host: Host, source: Value, target: Value) -> Value:
    """Copy a file and answer the path of the copy."""
    return await files_of(host).copy(host.identity, path_of(source), path_of(target))


@keyword(
    "MOVE {source}, {target}",
    "MOVE {source} TO {target}",
    effect=Effect.IDEMPOTENT,
    example='MOVE "a.txt", "b.txt"',
    group="files",
)
async def move(host: Host, source: Value, target: Value) -> Value:
    """Move a file and answer its new path."""
    again = host.attempt > 1
    return await files_of(host).move(host.identity, path_of(source), path_of(target), again=again)


@keyword(
    "LIST {folder} [, {pattern}] [RECURSIVE {recursive:flag}]",
    "LIST {folder} FILTER {pattern} [RECURSIVE {recursive:flag}]",
    effect=Effect.READ,
    example='LIST "reports"',
    group="files",
)
async def list_files(host: Host, folder: Value, pattern: Value = None, recursive: Value = None) -> Value:
    """The names of the files of a folder; a pattern such as "*.txt" chooses among them."""
    chosen = words(pattern) if pattern is not None else "*"
    return await files_of(host).names(host.identity, words(folder), chosen, recursive=bool(recursive))


@keyword("DIR {folder}", effect=Effect.READ, example='DIR "reports"', group="files")
async def dir_files(host: Host, folder: Value) -> Value:
    """The files of a folder, each `{name, path, size, modified}`."""
    return await files_of(host).details(host.identity, words(folder))


@keyword("DELETE FILE {path}", effect=Effect.IDEMPOTENT, example='DELETE FILE "old.txt"', group="files")
async def delete_file(host: Host, path: Value) -> Value:
    """Remove a file; TRUE."""
    return await files_of(host).remove(host.identity, path_of(path), again=host.attempt > 1)


@keyword(
    "UPLOAD {file} [, {path}]",
    "UPLOAD {file} TO {path}",
    effect=Effect.IDEMPOTENT,
    example='UPLOAD photo, "photos/"',
    group="files",
)
async def upload(host: Host, file: Value, path: Value = None) -> Value:
    """Put a file at a path of the bot's files and answer that; what is at a URL is fetched first."""
    source = path_of(file)
    if "://" in source:
        return await files_of(host).download(host.moment, source, words(path) if path is not None else "")
    return await files_of(host).copy(host.identity, source, source if path is None else words(path))


@keyword(
    "DOWNLOAD {url} [, {path}] [AS {kind:name}]",
    effect=Effect.IDEMPOTENT,
    example='DOWNLOAD "https://example.com/a.pdf", "a.pdf"',
    group="files",
)
async def download(host: Host, url: Value, path: Value = None, kind: str = "") -> Value:
    """Fetch a file from a URL and answer its path; AS LINK answers the URL and fetches nothing."""
    if kind.upper() == "LINK":
        return words(url)
    return await files_of(host).download(host.moment, words(url), words(path) if path is not None else "")


@keyword(
    "COMPRESS {files}, {archive}",
    "COMPRESS {files} TO {archive}",
    effect=Effect.IDEMPOTENT,
    example='COMPRESS files, "all.zip"',
    group="files",
)
async def compress(host: Host, files: Value, archive: Value) -> Value:
    """Pack files into a ZIP archive and answer its path. A name with `*` means all that fit.

    The archive may stand first: COMPRESS "all.zip", "report*.csv".
    """
    if (
        isinstance(files, str)
        and isinstance(archive, str)
        and ("*" in archive or (files.casefold().endswith(".zip") and not archive.casefold().endswith(".zip")))
    ):
        files, archive = archive, files
    named = [path_of(file) for file in files] if isinstance(files, list) else [path_of(files)]
    return await files_of(host).pack(host.identity, named, path_of(archive))


@keyword("EXTRACT {archive} [, {folder}]", effect=Effect.IDEMPOTENT, example='EXTRACT "all.zip", "all"', group="files")
async def extract(host: Host, archive: Value, folder: Value = None) -> Value:
    """Unpack a ZIP archive into a folder and answer the paths of its files."""
    return await files_of(host).unpack(host.identity, path_of(archive), words(folder) if folder is not None else "")


@keyword(
    "GENERATE PDF {template} [, {data}] [, {path}]",
    "GENERATE PDF {path} WITH TEMPLATE {template} DATA {data}",
    effect=Effect.IDEMPOTENT,
    example='GENERATE PDF "invoice", order, "invoice.pdf"',
    group="files",
)
async def generate_pdf(host: Host, template: Value, data: Value = None, path: Value = None) -> Value:
    """Make a PDF from a template (HTML or text with {{name}}) and data; answers `{name, path, url}`."""
    name = words(template).rpartition("/")[2].rpartition(".")[0] or words(template)
    target = words(path) if path is not None else f"{name}.pdf"
    kept = await files_of(host).pdf(host.identity, path_of(template), data, target)
    return Object(name=kept.rpartition("/")[2], path=kept, url=kept)


@keyword("MERGE PDF {files} [, {path}]", effect=Effect.IDEMPOTENT, example='MERGE PDF files, "all.pdf"', group="files")
async def merge_pdf(host: Host, files: Value, path: Value = None) -> Value:
    """Join PDFs to one and answer `{name, path, url}`."""
    named = [path_of(file) for file in items(files)]
    kept = await files_of(host).merge_pdf(host.identity, named, words(path) if path is not None else "merged.pdf")
    return Object(name=kept.rpartition("/")[2], path=kept, url=kept)


@keyword("EXCEL {rows}", effect=Effect.PURE, example="EXCEL rows", group="files")
def excel(moment: Moment, rows: Value) -> Value:
    """Rows for a workbook: WRITE "a.xlsx", EXCEL rows."""
    return rows


@keyword("IMPORT {file}", effect=Effect.READ, example='IMPORT "customers.csv"', group="files")
async def import_rows(host: Host, file: Value) -> Value:
    """The rows of a CSV, XLSX or JSON file."""
    return await files_of(host).read(host.identity, path_of(file), "TABLE")


@keyword("EXPORT {file}, {data}", effect=Effect.IDEMPOTENT, example='EXPORT "customers.csv", rows', group="files")
async def export_rows(host: Host, file: Value, data: Value) -> Value:
    """Store rows as a CSV, XLSX or other file by its name, and answer its path."""
    return await files_of(host).write(host.identity, path_of(file), data, "TABLE")


@keyword(
    "QR CODE {code} [, {size} [, {path}]]",
    effect=Effect.IDEMPOTENT,
    example='QR CODE "https://example.com"',
    group="files",
)
async def qr_code(host: Host, code: Value, size: Value = None, path: Value = None) -> Value:
    """A picture (PNG) with a QR code; answers its path."""
    wide = 256 if size is None else min(4_000, max(32, whole(size)))
    target = words(path) if path is not None else f"qr/{host.moment.new_id()}.png"
    return await files_of(host).qr(host.identity, text(code), wide, target)


@keyword("GENERATE CODE {digits}", effect=Effect.IDEMPOTENT, example="GENERATE CODE 6", group="files")
async def generate_code(host: Host, digits: Value) -> Value:
    """A code of random digits that nobody can foresee, as text: 4 to 32 of them."""
    count = whole(digits)
    if not 4 <= count <= 32:
        raise WrongValue(f"GENERATE CODE makes 4 to 32 digits, not {count}.")
    return "".join(str(secrets.randbelow(10)) for _ in range(count))


def _kind(kind: str) -> str:
    if kind.upper() not in KINDS:
        raise WrongValue(f"A file is read and written AS {', '.join(KINDS)}, not {kind}.")
    return kind.upper()


KEYWORDS: tuple[Keyword, ...] = (
    read,
    write,
    copy,
    move,
    list_files,
    dir_files,
    delete_file,
    upload,
    download,
    compress,
    extract,
    generate_pdf,
    merge_pdf,
    excel,
    import_rows,
    export_rows,
    qr_code,
    generate_code,
    _act(
        "GENERATE SECURE LINK {file} [EXPIRES {days} [DAYS]]",
        summary="A link to a file that works for a while.",
        example='GENERATE SECURE LINK "report.pdf" EXPIRES 7 DAYS',
    ),
)
