"""How often a process that runs executions looks for garbage in cycles."""

from __future__ import annotations

import gc

YOUNG = 20_000  # objects made and not freed before the young ones are looked at; a step makes about a hundred
OLDER = 50  # such looks before the middle-aged are looked at


def starting() -> None:
    """Nothing is searched until `settled`: what a start makes stays, and a tenth of its time went into searching."""
    gc.disable()


def settled() -> None:
    """What was made until now stays, and is never searched again; what comes is searched less often.

    Imports leave several hundred thousand objects, and a step of a program makes hardly a cycle: with Python's own
    thresholds a tenth of a busy worker's time went into searching.
    """
    gc.freeze()
    gc.set_threshold(YOUNG, OLDER, gc.get_threshold()[2])
    gc.enable()
