"""From files to pieces: every format, and files that mean no good."""

from __future__ import annotations

import io
import os
import time
import zipfile
from pathlib import Path

import pytest

from hostbridge.knowledge import reading
from hostbridge.knowledge.cutting import MOST, pieces
from hostbridge.knowledge.folders import looked_through
from hostbridge.knowledge.reading import Page, Unreadable, pages
from tests.benchmarks.knowledge import docx, html, markdown, pdf, plain, xlsx

TEXTS = ["The first page tells of lions.", "The second page tells of tigers."]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.md", markdown(TEXTS)),
        ("a.TXT", plain(TEXTS)),
        ("a.html", html(TEXTS)),
        ("a.htm", html(TEXTS)),
        ("a.docx", docx(TEXTS)),
        ("a.xlsx", xlsx(TEXTS)),
        ("a.pdf", pdf(TEXTS)),
        ("a.csv", b"part;text\n0;" + TEXTS[0].encode() + b"\n1;" + TEXTS[1].encode()),
    ],
)
def test_every_format_is_read(name: str, content: bytes) -> None:
    found = " ".join(f"{piece.heading} {piece.text}" for piece in pieces(pages(name, content)))
    for text in TEXTS:
        assert text in found
    assert "script" not in found and "<" not in found


def test_pages_keep_their_numbers_and_headings_lead_to_their_text() -> None:
    assert [(piece.page, piece.text) for piece in pieces(pages("a.pdf", pdf(TEXTS)))] == list(enumerate(TEXTS, 1))
    cut = pieces(
        [Page(0, "# Handbook\n\n## Fees\n\nLate: 20 euros.\n\n## Hours\n\n### Library\n\nFrom nine.\n\n## Empty")]
    )
    assert [(piece.heading, piece.text) for piece in cut] == [
        ("Handbook > Fees", "Late: 20 euros."),
        ("Handbook > Hours > Library", "From nine."),
        ("Handbook > Empty", "Empty"),
    ]
    assert [piece.number for piece in cut] == [0, 1, 2]


def test_rows_of_a_table_name_their_columns() -> None:
    [piece] = pieces(pages("prices.csv", "name,price\nPear,3\nApple,\n".encode("utf-16")))
    assert piece.text == "name: Pear; price: 3\n\nname: Apple"
    [piece] = pieces(pages("prices.xlsx", xlsx(["3"])))
    assert piece.heading == "Sheet" and piece.text == "part: 0; text: 3"


def test_no_piece_is_too_long_and_nothing_is_lost() -> None:
    words = [f"word{number}" for number in range(5_000)]
    for text in (" ".join(words), ". ".join(words), "\n".join(words), "".join(words)):
        cut = pieces([Page(0, text)])
        assert max(len(piece.text) for piece in cut) <= MOST
        squeezed = "".join(piece.text for piece in cut).replace(" ", "").replace("\n", "").replace(".", "")
        assert squeezed == "".join(words)


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", bytes(3 * 1024 * 1024))
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", b"a\0b", "a.txt is not a text"),
        ("a.txt", b"  \n", "a.txt holds no text"),
        ("a.pdf", b"%PDF-1.4 nonsense", "a.pdf is broken"),
        ("a.docx", b"PK nonsense", "a.docx is broken"),
        ("a.xlsx", docx(TEXTS), "a.xlsx is broken"),
        ("a.md", b"x" * (reading.LARGEST + 1), "a.md is larger than 64 MB"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(name: str, content: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        pages(name, content)


def test_a_file_that_blows_up_when_it_is_unpacked_is_refused_before_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "UNPACKED", 2 * 1024 * 1024)
    for name in ("a.xlsx", "a.docx"):
        with pytest.raises(Unreadable, match="holds 3 MB when it is unpacked, more than 2 MB"):
            pages(name, bomb())


def test_a_locked_pdf_says_so() -> None:
    from pypdf import PdfReader, PdfWriter

    writer, out = PdfWriter(PdfReader(io.BytesIO(pdf(TEXTS)))), io.BytesIO()
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(out)
    with pytest.raises(Unreadable, match="locked with a password"):
        pages("a.pdf", out.getvalue())


def test_texts_in_other_encodings_and_with_strange_characters_are_read() -> None:
    assert pages("a.txt", "naïve café".encode("cp1252"))[0].text == "naïve café"
    assert pages("a.txt", "\ufeffnaïve".encode())[0].text == "naïve"
    assert "\0" not in pages("a.html", b"<p>a&#0;b</p>")[0].text


def test_collections_are_the_folders_below_and_what_lies_above_them(tmp_path: Path) -> None:
    package = tmp_path / "edu.gbai"
    for name in ("edu.gbkb/guide.md", "edu.gbkb/Late Fees/a.txt", "edu.gbkb/Late Fees/deep/b.pdf", "edu.gbkb/x.png"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text("text")
    for name in ("edu.gbkb/.hidden/c.md", "edu.gbkb/~$open.docx"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text("text")
    os.mkfifo(package / "edu.gbkb" / "pipe.txt")
    Path(os.fsdecode(os.fsencode(package / "edu.gbkb") + b"/n\xff.md")).write_text("no name")
    outside = tmp_path / "secret.md"
    outside.write_text("secret")
    (package / "edu.gbkb" / "link.md").symlink_to(outside)
    (package / "edu.gbkb" / "away").symlink_to(tmp_path)
    assert not looked_through(package).unchanged(), "what has only just changed may change in the same moment"
    found = looked_through(package, lambda: time.time_ns() + 10**10)
    assert sorted(found.files) == [("Late Fees", "a.txt"), ("Late Fees", "deep/b.pdf"), ("edu", "guide.md")]
    assert found.collections("late-fees.gbkb") == {"Late Fees"}
    assert found.collections("EDU") == {"edu", "Late Fees"}
    assert found.collections("none") == frozenset()
    assert found.unchanged()
    (package / "edu.gbkb" / "Late Fees" / "deep" / "b.pdf").unlink()
    assert not found.unchanged()
