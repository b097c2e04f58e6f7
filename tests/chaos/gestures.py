"""Random gestures on all programs: `python tests/chaos/gestures.py [--gestures N] [--corpus FOLDER] [--quick]`.

Each program opens and is saved byte for byte; after each gesture no line outside of it has changed, moved or gone, no
comment is lost, no block is open that was closed; and at the end everything is taken back, byte for byte. Prints one
JSON object. The corpus is any folder with .bas files; the shipped packages and made-up programs are always in it.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:] = [str(ROOT), *(entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).parent)]

from designer.document import Document  # noqa: E402 - the path is set above
from designer.edits import edited  # noqa: E402 - the path is set above
from designer.outline import outlined  # noqa: E402 - the path is set above
from tests.designer.studio import REGISTRY, Fuzz  # noqa: E402 - the path is set above

QUICK = 3_000
LONGEST = 1_500  # lines of a program that is fuzzed; all are opened and saved


def main() -> None:
    """Reads the arguments, fuzzes, prints what came of it; ends with 1 when something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gestures", type=int, default=100_000)
    parser.add_argument("--corpus", type=Path, action="append", default=[])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    wanted = QUICK if asked.quick else asked.gestures
    began = time.perf_counter()
    texts = programs(asked.corpus)
    unreadable = [name for name, content in texts.items() if isinstance(content, bytes)]
    changed = [name for name, text in texts.items() if isinstance(text, str) and not saved_as_opened(text)]
    made: Counter[str] = Counter()
    refused = 0
    wrong: list[str] = []
    fuzzed = {name: text for name, text in texts.items() if isinstance(text, str) and text.count("\n") <= LONGEST}
    turns = max(1, -(-wanted // max(len(fuzzed), 1)))
    for place, (name, text) in enumerate(fuzzed.items()):
        fuzz = Fuzz(Document.of(text), random.Random(asked.seed * 100_003 + place))
        try:
            while sum(fuzz.made.values()) < turns and sum(fuzz.refused.values()) < turns * 20:
                fuzz.turn()
            fuzz.undo_all()
            if fuzz.document.text != text:
                wrong.append(f"{name}: taken back, the text is another one")
        except AssertionError as error:
            wrong.append(f"{name}: {error}"[:400])
        made += fuzz.made
        refused += sum(fuzz.refused.values())
        if place % 20 == 0:
            print(f"{name}: {sum(made.values()):,} gestures", file=sys.stderr)
    result = {
        "programs": len(texts),
        "lines": sum(text.count("\n") for text in texts.values() if isinstance(text, str)),
        "not utf-8": unreadable,
        "changed by opening and saving": changed,
        "gestures": sum(made.values()),
        "by kind": dict(made.most_common()),
        "refused with a reason": refused,
        "wrong": wrong,
        "seconds": round(time.perf_counter() - began, 1),
    }
    print(json.dumps(result, indent=2, ensure_ascii=False))
    sys.exit(bool(wrong or changed))


def programs(folders: list[Path]) -> dict[str, str | bytes]:
    """Every program by its path; bytes where a file is no UTF-8."""
    found: dict[str, str | bytes] = {}
    for folder in (ROOT / "bottemplates", ROOT / "tests" / "language", *folders):
        for path in sorted(folder.rglob("*.bas")):
            content = path.read_bytes()
            try:
                found[str(path)] = content.decode("utf-8")
            except UnicodeDecodeError:
                found[str(path)] = content
    return found


def saved_as_opened(text: str) -> bool:
    """Opened, drawn, a gesture made and taken back, saved: is it the same text?"""
    document = Document.of(text)
    outline = outlined(document, REGISTRY)
    edit = edited(outline, {"op": "insert", "item": "note", "at": {"first": 0}}, REGISTRY)
    from designer.document import inverse

    return document.text == text and edit.document.made(inverse(edit.change)).text == text


if __name__ == "__main__":
    main()
