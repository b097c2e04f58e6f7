"""What a gesture must not do: give a meaning to lines that it does not name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from designer.document import Change, Document
from designer.outline import Outline, outlined
from designer.refusals import NotHere
from keywords.registry import Registry

Gesture: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Edit:
    """What a gesture changes, what it is called in words, and the card it leaves in the hands of who made it."""

    change: Change
    document: Document
    op: str
    label: str
    focus: int = 0

    @property
    def nothing(self) -> bool:
        return not self.change


def _parents(outline: Outline) -> dict[int, int]:
    return {number: way for number, way in outline.above.items() if outline.cards[number].kind != "note"}


def sound(
    outline: Outline,
    edit: Edit,
    registry: Registry,
    *,
    way: int | None = None,
    fresh: range = range(0),
    gone: set[int] | frozenset[int] = frozenset(),
    moved_card: int | None = None,
    deeper: bool = False,
    broken: bool = False,
    lifted: tuple[int, int] | None = None,
) -> Edit:
    """The edit, unless it would change what other lines belong to, or leave a block open that was closed."""
    if not edit.change:
        return edit
    after = outlined(edit.document, registry)
    if broken:
        return edit
    before_parents, after_parents = _parents(outline), _parents(after)
    expected = {number: above for number, above in before_parents.items() if number not in gone}
    if lifted is not None:
        expected = {number: lifted[1] if above == lifted[0] else above for number, above in expected.items()}
    if moved_card is not None and not deeper and way is not None and moved_card in expected:
        expected[moved_card] = way
    found = {number: above for number, above in after_parents.items() if abs(number) not in fresh}
    if deeper and moved_card is not None:
        found.pop(moved_card, None)
        expected.pop(moved_card, None)
    fresh_ok = (
        all(
            after_parents[number] == way or abs(after_parents[number]) in fresh
            for number in after_parents
            if abs(number) in fresh
        )
        if way is not None
        else True
    )
    if expected != found or not fresh_ok or len(after.faults) > len(outline.faults):
        raise NotHere("This cannot be done here: other lines would come to mean something else. Use the code.")
    return edit
