"""Files of the bot: reading, writing, converting."""

from __future__ import annotations

from functools import partial

from keywords.library.announced import announced
from keywords.registry import Effect

_act = partial(announced, group="files", effect=Effect.IDEMPOTENT)

KEYWORDS = (
    _act(
        "READ {path} [AS {kind:name}]",
        summary="The content of a file, as text, TABLE or LINES.",
        example='READ "notes.txt"',
    ),
    _act(
        "WRITE {path}, {content:many}",
        "WRITE {content} TO {path} [AS {kind:name}]",
        summary="Store content as a file.",
        example='WRITE "notes.txt", text',
    ),
    *(
        _act(
            f"{phrase} {{source}}, {{target}}",
            f"{phrase} {{source}} TO {{target}}",
            summary=f"{what} a file.",
            example=f'{phrase} "a.txt", "b.txt"',
        )
        for phrase, what in (("COPY", "Copy"), ("MOVE", "Move"))
    ),
    _act(
        "LIST {folder} [, {pattern}] [FILTER {filter}] [RECURSIVE {recursive:flag}]",
        summary="The files of a folder.",
        example='LIST "reports"',
    ),
    _act("DIR {folder}", summary="The files of a folder.", example='DIR "reports"'),
    _act("DELETE FILE {path}", summary="Remove a file.", example='DELETE FILE "old.txt"'),
    _act(
        "UPLOAD {file} [, {path}]",
        "UPLOAD {file} TO {path}",
        summary="Put a file into the bot's files.",
        example='UPLOAD photo, "photos"',
    ),
    _act(
        "DOWNLOAD {url} [, {path}] [AS {kind:name}]",
        summary="Fetch a file from a URL.",
        example='DOWNLOAD "https://example.com/a.pdf", "a.pdf"',
    ),
    _act(
        "COMPRESS {files}, {archive}",
        "COMPRESS {files} TO {archive}",
        summary="Pack files into an archive.",
        example='COMPRESS files, "all.zip"',
    ),
    _act("EXTRACT {archive} [, {folder}]", summary="Unpack an archive.", example='EXTRACT "all.zip", "all"'),
    _act(
        "GENERATE PDF {template} [, {data}] [, {path}]",
        "GENERATE PDF {path} WITH TEMPLATE {template} DATA {data}",
        summary="Make a PDF from a template and data.",
        example='GENERATE PDF "invoice", order, "invoice.pdf"',
    ),
    _act("MERGE PDF {files} [, {path}]", summary="Join PDFs to one.", example='MERGE PDF files, "all.pdf"'),
    _act("EXCEL {rows}", summary="Rows as a workbook, for WRITE.", example="EXCEL rows"),
    _act("IMPORT {file:many}", summary="The rows of a file.", example='IMPORT "customers.csv"'),
    _act("EXPORT {file}, {data:many}", summary="Store rows as a file.", example='EXPORT "customers.csv", rows'),
    _act(
        "GENERATE SECURE LINK {file} [EXPIRES {days} [DAYS]]",
        summary="A link to a file that works for a while.",
        example='GENERATE SECURE LINK "report.pdf" EXPIRES 7 DAYS',
    ),
    _act("GENERATE CODE {digits}", summary="A code of random digits.", example="GENERATE CODE 6"),
    _act(
        "QR CODE {text} [, {size} [, {path}]]",
        summary="A picture with a QR code.",
        example='QR CODE "https://example.com"',
    ),
)
