"""Whether a golden program did what it says."""

from __future__ import annotations

from keywords.diagnostics import Diagnostic
from keywords.encode import load, plain
from tests.language.golden import Golden
from tests.language.straight import Straight


def told(diagnostic: Diagnostic) -> str:
    return f"Line {diagnostic.line}: {diagnostic.message} {diagnostic.fix}".rstrip()


def faults(golden: Golden, done: Straight) -> list[str]:
    """Everything that went otherwise than the program's comments say."""
    mistake = done.mistake and f"Line {done.mistake.line}: {done.mistake.message}"
    kept = {keyword for keyword, _ in golden.journal}
    journal = [(row[5], plain(load(row[6]))) for row in done.journal if row[5] in kept and row[7] is None]
    pairs: list[tuple[str, object, object]] = [
        ("said", done.talk, list(golden.talk)),
        ("failed with", [mistake] if mistake else [], list(golden.errors)),
        ("journalled", journal, list(golden.journal)),
    ]
    if golden.has_result:
        pairs.append(("returned", plain(done.result), golden.result))
    if golden.waits:
        pairs.append(("waited for", done.waits, list(golden.waits)))
    if golden.effects:
        pairs.append(("effected", [e for e in done.effects if e in golden.effects], list(golden.effects)))
    return [f"It {did} {found!r}, not {wanted!r}." for did, found, wanted in pairs if found != wanted]
