"""A knowledge base of 2,000 pages: python tests/benchmarks/knowledge.py [--quick] [--seed N]

Documents of five pages each, as Markdown, text, HTML, Word, Excel and PDF, are written into a package. `botmcp kb
index` reads them and is killed with SIGKILL when half of them are there; started again, it goes on. Then questions are
asked as THINK KB asks them, and documents are removed and changed under the questions.

pages, documents, pieces  of the whole
killed_at                 documents that were there when it was killed
index_seconds             of both runs together
twice                     pieces that are there more than once, or of a document that was read twice. Must be 0
missing                   pieces that are not there. Must be 0
found                     share of the questions whose document is the first answer
p50_ms, p95_ms            of an answer; p95 at most 20
shown_when_gone           answers from a document after it was removed. Must be 0
stale                     answers that miss what a document says since it was changed. Must be 0
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[2])  # or the memory.py beside this would stand in the place of the package

import numpy as np
import psycopg

from hostbridge.knowledge.cutting import pieces
from hostbridge.knowledge.reading import pages
from keywords.host import Identity
from mcp_server.app import TENANT, App, open_app
from mcp_server.settings import read
from storage import embedded_postgres

PAGES_EACH = 5
REMOVED = 20
SYLLABLES = [a + b for a in "bcdfglmnprstv" for b in "aeiou"]


@dataclass(slots=True)
class Report:
    pages: int
    documents: int
    pieces: int = 0
    killed_at: int = 0
    index_seconds: float = 0.0
    twice: int = 0
    missing: int = 0
    found: float = 0.0
    p50_ms: float = 0.0
    p95_ms: float = 0.0
    shown_when_gone: int = 0
    stale: int = 0


class Writer:
    """Writes documents whose pages each hold one word that stands nowhere else."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.chance = folder, random.Random(seed)
        self.words = ["".join(self.chance.choices(SYLLABLES, k=self.chance.randint(2, 4))) for _ in range(6_000)]
        self.makers: tuple[tuple[str, Callable[[list[str]], bytes]], ...] = (
            ("md", markdown), ("txt", plain), ("html", html), ("docx", docx), ("xlsx", xlsx), ("pdf", pdf),
        )  # fmt: skip

    def write(self, number: int) -> Path:
        ending, make = self.makers[number % len(self.makers)]
        path = self.folder / f"shelf{number % 7}" / f"document{number}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(make([self._page(number, page) for page in range(PAGES_EACH)]))
        return path

    def _page(self, number: int, page: int) -> str:
        said = [" ".join(self.chance.choices(self.words, k=70)) for _ in range(3)]
        said[1] += f" {unique(number, page)} regulation"
        return "\n\n".join(f"{text.capitalize()}." for text in said)


def unique(number: int, page: int) -> str:
    return f"zq{number}x{page}"


def markdown(texts: list[str]) -> bytes:
    return "\n\n".join(f"## Part {at}\n\n{text}" for at, text in enumerate(texts)).encode()


def plain(texts: list[str]) -> bytes:
    return "\n\n".join(texts).encode()


def html(texts: list[str]) -> bytes:
    parts = "".join(f"<h2>Part {at}</h2><p>{text}</p>" for at, text in enumerate(texts))
    return f"<html><head><title>T</title><script>x</script></head><body>{parts}</body></html>".encode()


def docx(texts: list[str]) -> bytes:
    from docx import Document

    document, out = Document(), io.BytesIO()
    for at, text in enumerate(texts):
        document.add_heading(f"Part {at}", 1)
        document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


def xlsx(texts: list[str]) -> bytes:
    from openpyxl import Workbook

    book, out = Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for row in (("part", "text"), *enumerate(texts)):
        sheet.append(row)
    book.save(out)
    return out.getvalue()


def pdf(texts: list[str]) -> bytes:
    """A PDF of one page a text, written by hand."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>", "", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    kids: list[str] = []
    for text in texts:
        words = text.split()
        lines = [" ".join(words[at : at + 12]) for at in range(0, len(words), 12)]
        shown = "BT /F1 9 Tf 11 TL 40 800 Td " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
        objects.append(f"<</Length {len(shown)}>>stream\n{shown}\nendstream")
        page = "/Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>"
        objects.append(f"<<{page}/Contents {len(objects)} 0 R>>")
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(kids)}]>>"
    out, places = "%PDF-1.4\n", list[int]()
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj{body}endobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer<</Size {len(objects) + 1}/Root 1 0 R>>\n"
    return f"{out}{end}startxref\n{len(out)}\n%%EOF".encode("latin-1")


async def measured(count: int, seed: int) -> Report:
    report = Report(count * PAGES_EACH, count)
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        folder = root / "packages" / "office.gbai" / "office.gbkb"
        writer = Writer(folder, seed)
        paths = [writer.write(number) for number in range(count)]
        environment = {"BOTMCP_HOME": str(root / "home"), "BOTMCP_PACKAGES": str(root / "packages")}
        expected = sum(len(pieces(pages(path.name, path.read_bytes()))) for path in paths)
        server = await embedded_postgres.start(root / "home" / "postgres")
        await _indexed_with_a_kill(environment, server.dsn, count, report)
        async with await psycopg.AsyncConnection.connect(server.dsn) as connection:
            cursor = await connection.execute(
                "select count(*), count(distinct (collection, path, number)), count(distinct content)"
                " from botmcp.kb_pieces"
            )
            row = await cursor.fetchone()
        assert row
        report.pieces, report.twice = row[0], row[0] - min(row[1], row[2])
        report.missing = max(0, expected - row[1])
        async with open_app(read(environment), "look") as app:
            await _asked(app, count, report, random.Random(seed))
            await _removed_and_changed(app, paths, report)
        await server.stop()
    return report


async def _indexed_with_a_kill(environment: Mapping[str, str], dsn: str, count: int, report: Report) -> None:
    """Reads all documents in a process that is killed half way, and then in another."""
    began = time.perf_counter()
    ask = [sys.executable, "-m", "mcp_server.entry", "kb", "index", "office", "--json"]
    first = subprocess.Popen(ask, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        while report.killed_at < count // 2:
            assert first.poll() is None, "it came to its end before it could be killed"
            there = await (await connection.execute("select to_regclass('botmcp.kb_documents')")).fetchone()
            if there and there[0]:
                row = await (await connection.execute("select count(*) from botmcp.kb_documents")).fetchone()
                report.killed_at = row[0] if row else 0
            await asyncio.sleep(0.005)
    first.send_signal(signal.SIGKILL)
    first.wait()
    again = subprocess.run(ask, env={**os.environ, **environment}, capture_output=True, check=True)
    told = json.loads(again.stdout)["packages"][0]
    report.twice += max(0, told["read"] - (count - report.killed_at))
    report.index_seconds = round(time.perf_counter() - began, 2)


def _asking() -> Identity:
    return Identity(TENANT, uuid4(), uuid4(), "office", "office")


async def _asked(app: App, count: int, report: Report, chance: random.Random) -> None:
    times: list[float] = []
    found = 0
    questions = [(chance.randrange(count), chance.randrange(PAGES_EACH)) for _ in range(400)]
    await app.knowledge.found(_asking(), "warm up", 5)
    for number, page in questions:
        began = time.perf_counter()
        hits = (
            await app.knowledge.found(_asking(), f"What does the {unique(number, page)} regulation say?", 5)
        ).excerpts
        times.append((time.perf_counter() - began) * 1000)
        found += bool(hits) and f"document{number}." in hits[0].source
    report.found = round(found / len(questions), 4)
    report.p50_ms, report.p95_ms = (round(float(value), 2) for value in np.percentile(times, [50, 95]))


async def _removed_and_changed(app: App, paths: list[Path], report: Report) -> None:
    for number in range(REMOVED):
        question = f"{unique(number, 1)} regulation"
        paths[number].unlink()
        hits = (await app.knowledge.found(_asking(), question, 5)).excerpts
        report.shown_when_gone += any(f"document{number}." in hit.source for hit in hits)
    for number in range(24, 24 + 6 * 15, 6):  # those that are Markdown
        path, new = paths[number], f"changed{number}"
        path.write_text(f"## Part 0\n\nThe {unique(number, 1)} regulation is now {new}.")
        hits = (await app.knowledge.found(_asking(), f"{unique(number, 1)} regulation", 5)).excerpts
        report.stale += not any(new in hit.content for hit in hits)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="750 pages")
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    report = asyncio.run(measured(150 if given.quick else 400, given.seed))
    print(json.dumps(asdict(report)))
    raise SystemExit(1 if report.twice or report.missing or report.shown_when_gone or report.stale else 0)


if __name__ == "__main__":
    main()
