"""Throws texts at the language: python tests/chaos/language.py [COUNT] [--quick] [--seed N]

Each text is made up from the forms of every keyword, or of random characters, and then most are mutated: parts removed,
doubled, swapped, replaced by what is hostile. The block parser must never raise and never lose a byte: its lines joined
are the text, and every line belongs to exactly one leaf, head or closing line. `check` must never raise.

texts, characters   how much was thrown; 1,000,000 texts unless COUNT says otherwise, 5,000 with --quick
sound               texts that `check` finds no error in: neither all nor none, or the texts are of no use
slowest_ms          the longest that one text took to compute
faults              what went wrong, the first of each sort with its text. Must be empty
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from random import Random, SystemRandom

from keywords.blocks import Blocks, Node, read
from keywords.check import check
from keywords.library import registry
from keywords.registry import Registry
from keywords.structure import WORDS
from tests.benchmarks.language_corpus import Corpus

HOSTILE = (
    '"', "'", "`", "${", "}", "{", "#{", "(", ")", "[", "]", "\n", "\r\n", "\r", "\t", "\0", "\ufeff", "\ud800",
    "\u2028", "\x0b", "\x1c", "\x85", "é", "ß", "İ", "ǅ", "²", "٣", "→", "🙂", "//", "#", "REM ", " _\n", ";", ":",
    ",", ".", "?.", "??", "=>", "==", "&&", "||", "-", "--", "\\", "$", "@", "1e999", "9" * 30, "0x1F", "NULL", "TRUE",
    "BEGIN TALK\n", "END TALK\n", "TABLE t\n", "END TABLE\n", "BEGIN SYSTEM PROMPT\n", "STEP 1:", "BRANCH a:", "a:",
    "THEN", "ELSE", "END IF", "NEXT", "IF x {", "} ELSE {", "WITH", "AS", "IN", "NOT", "IS", "LIKE", "HEAR",
    " " * 50, "(" * 120, "[" * 40, "NOT " * 60, "LEN(" * 60,
)  # fmt: skip


class Texts:
    """Makes texts; the same seed gives the same ones."""

    def __init__(self, table: Registry, seed: int) -> None:
        self.random = Random(seed)
        self.corpus = Corpus(table, seed)
        self.openers = [form.words for word in WORDS for form in word.forms]

    def text(self) -> str:
        roll = self.random.random()
        if roll < 0.05:
            return self.noise()
        text = self.corpus.program(self.random.choice((1, 1, 2, 2, 3, 6)))
        if roll < 0.15:
            return text
        for _ in range(self.random.choice((1, 1, 1, 2, 2, 3, 5, 9))):
            text = self.mutated(text)
        return text

    def noise(self) -> str:
        pick = self.random
        return "".join(
            pick.choice(HOSTILE) if pick.random() < 0.4 else chr(pick.randrange(pick.choice((128, 0x800, 0x110000))))
            for _ in range(pick.randint(0, 60))
        )

    def mutated(self, text: str) -> str:
        pick = self.random
        start = pick.randint(0, len(text))
        end = min(len(text), start + pick.choice((0, 1, 1, 2, 5, 20, 60)))
        match pick.randrange(7):
            case 0:
                return text[:start] + text[end:]
            case 1:
                return text[:start] + pick.choice(HOSTILE) + text[start:]
            case 2:
                return text[:start] + pick.choice(HOSTILE) + text[end:]
            case 3:
                return text[:end] + text[start:end] + text[end:]
            case 4:
                lines = text.split("\n")
                pick.shuffle(lines)
                return "\n".join(lines)
            case 5:
                return text[:start] + pick.choice(self.openers) + " " + text[start:]
            case _:
                return text[:start] + text[start:end][::-1] + text[end:]


@dataclass(slots=True)
class Report:
    """What is printed; the module says what each means."""

    seed: int
    texts: int = 0
    characters: int = 0
    sound: int = 0
    slowest_ms: float = 0.0
    seconds: float = 0.0
    faults: dict[str, str] = field(default_factory=dict[str, str])


def lost(found: Blocks, text: str) -> str:
    """What is wrong with the blocks of a text; "" when every line stands in exactly one place."""
    if found.text != text or "".join(found.lines) != text:
        return "the lines are not the text"
    return "" if _tiled(found.nodes, 0) == len(found.lines) else "a line has no place, or two"


def _tiled(nodes: Sequence[Node], position: int) -> int:
    """Where a row of nodes ends that begins at `position`; -1 when there is a gap or an overlap."""
    for node in nodes:
        if node.start != position or node.end <= position:
            return -1
        inner = position
        for arm in node.arms:
            if arm.start != inner:
                return -1
            inner = _tiled(arm.children, arm.start + (arm.head.lines if arm.head else 0))
            if inner != arm.end:
                return -1
        if node.arms and node.end != inner + (node.close.lines if node.close else 0):
            return -1
        position = node.end
    return position


def thrown(texts: Texts, table: Registry, report: Report) -> None:
    """One text, and what comes of it."""
    text = texts.text()
    report.texts += 1
    report.characters += len(text)
    began = time.process_time()
    try:
        fault = lost(read(text, table), text)
        report.sound += not any(told.severity == "error" for told in check(text, table))
    except Exception as error:  # noqa: BLE001 - whatever is raised is what is looked for
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace is not None else ""
        fault = f"{type(error).__name__} in {place}"
    report.slowest_ms = max(report.slowest_ms, round((time.process_time() - began) * 1000, 1))
    if fault:
        report.faults.setdefault(fault, text[:2_000])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="5,000 texts")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(1_000_000))
    given = parser.parse_args()
    table, began = registry(), time.perf_counter()
    report, texts = Report(given.seed), Texts(table, given.seed)
    for _ in range(5_000 if given.quick else given.count):
        thrown(texts, table, report)
    report.seconds = round(time.perf_counter() - began, 1)
    print(json.dumps(asdict(report), indent=2))
    sys.exit(bool(report.faults))


if __name__ == "__main__":
    main()
