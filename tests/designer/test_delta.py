"""What a page is told after an edit makes of the old lines the new ones, and touches no line that stays as it is."""

from __future__ import annotations

import re

from hypothesis import given, strategies as st

from designer.code_lines import Code
from designer.delta import Delta, code_delta
from designer.document import Document

PARTIAL = re.compile(r'<hx-partial hx-target="#l(\d+)" hx-swap="(\w+)">(.*?)</hx-partial>', re.DOTALL)
LINE = re.compile(r'<span class="l( error)?" id="l(\d+)"[^>]*>(\w+)\n</span>')
LINES = st.lists(st.tuples(st.integers(1, 30), st.sampled_from("abc"), st.booleans()), unique_by=lambda row: row[0])
Shown = list[tuple[int, str, bool]]


def code(lines: Shown) -> Code:
    numbers, texts = tuple(n for n, _, _ in lines), tuple(f"{text}\n" for _, text, _ in lines)
    told = {number: ("error", "No.") for number, _, wrong in lines if wrong}
    return Code(Document(texts, numbers, 31), told, frozenset())


def applied(old: Shown, html: str) -> tuple[Shown, int]:
    """The lines as a page shows them then, and how many were put there or replaced."""
    shown, put = list(old), 0
    for target, swap, inner in PARTIAL.findall(html):
        at = next((k for k, row in enumerate(shown) if row[0] == int(target)), -1)
        assert at >= 0 or target == "0", "every target is there"
        new = [(int(number), text, bool(wrong)) for wrong, number, text in LINE.findall(inner)]
        put += len(new)
        match swap:
            case "delete":
                del shown[at]
            case "afterend":
                shown[at + 1 : at + 1] = new
            case _:
                shown[at : at + 1] = new
    return shown, put


@given(LINES, LINES)
def test_any_lines_become_any_others(old: Shown, new: Shown):
    delta = Delta()
    code_delta(delta, code(old), code(new))
    assert applied(old, delta.html)[0] == new


@given(LINES, st.data())
def test_one_line_that_comes_goes_or_moves_is_all_that_is_put(old: Shown, data: st.DataObject):
    new, most = list(old), 1
    if new and data.draw(st.booleans()):
        row = new.pop(data.draw(st.integers(0, len(new) - 1)))
        most = int(data.draw(st.booleans()))
        if most:
            new.insert(data.draw(st.integers(0, len(new))), row)
    else:
        new.insert(data.draw(st.integers(0, len(new))), (31, "a", False))
    delta = Delta()
    code_delta(delta, code(old), code(new))
    shown, put = applied(old, delta.html)
    assert shown == new and put <= most
