"""What becomes of a gesture that names what somebody else has taken away since its maker looked."""

from __future__ import annotations

from dataclasses import replace

from designer.document import Change, Document, Splice, rebased
from designer.edits import edited
from designer.guards import Edit, Gesture
from designer.outline import outlined
from designer.refusals import Gone, NotHere
from keywords.registry import Registry


def afterwards(gesture: Gesture, seen: Document, now: Document, registry: Registry) -> Edit | None:
    """The gesture as it was meant, made on the state that stands: what it adds goes behind the nearest line above that
    is still there. None where it changes lines that are not, or would leave a block open that was closed."""
    try:
        meant = edited(outlined(seen, registry), gesture, registry)
    except (Gone, NotHere):
        return None
    change = rebased(_renumbered(meant.change, seen.next_id, now.next_id), seen, now)
    if not change:
        return None
    document = now.made(change)
    faults, before = outlined(document, registry).faults, outlined(now, registry).faults
    if meant.op != "code" and len(faults) > len(before):
        return None
    focus = meant.focus + now.next_id - seen.next_id if meant.focus >= seen.next_id else meant.focus
    return replace(meant, change=change, document=document, focus=focus)


def meant(gesture: Gesture, seen: Document, registry: Registry) -> str:
    """The text that the gesture makes of the state that its maker saw."""
    return edited(outlined(seen, registry), gesture, registry).document.text


def _renumbered(change: Change, first: int, free: int) -> Change:
    """New lines get numbers that nobody else has given since."""

    def moved(splice: Splice) -> Splice:
        rows = [((n + free - first if n >= first else n), line) for n, line in splice.added]
        gone = [((n + free - first if n >= first else n), line) for n, line in splice.removed]
        return Splice(splice.start, tuple(gone), tuple(rows))

    return tuple(map(moved, change))
