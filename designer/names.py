"""What workflows are called: a name that people read, compared as packages are."""

from __future__ import annotations

from collections.abc import Collection

from hostbridge.packages import alike
from keywords.mistakes import WrongValue

LONGEST = 120
UNNAMED = "New workflow"


def folded(name: str) -> str:
    """What two names have in common when they differ only in case, blanks, hyphens and underscores."""
    return alike(name.strip())


def proper(name: str) -> str:
    """The name, if a workflow may be called so."""
    name = " ".join(name.split()) or UNNAMED
    if len(name) > LONGEST or any(sign in name for sign in '/\\"\0') or not folded(name):
        raise WrongValue(f"A workflow's name has up to {LONGEST} characters, none of them / \\ or \".")
    return name


def free(name: str, taken: Collection[str]) -> str:
    """The name, with a number where it is taken."""
    if folded(name) not in taken:
        return name
    number = 2
    while folded(f"{name} {number}") in taken:
        number += 1
    return f"{name} {number}"
