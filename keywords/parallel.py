"""PARALLEL: branches are child executions with copies of the variables; what they wrote comes back at the join.

The names a branch writes are known from its text. They are copied in the order of the branches in the text, whoever
ended first; `branch_<label>.result` is always there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from keywords.host import Child, Joined, Spawn, Value
from keywords.mistakes import Mistake
from keywords.registry import Effect, Keyword, form
from keywords.state import Frame
from keywords.steps import Step, store
from keywords.values import Object, adopt, kept
from keywords.world import World


def _parallel(host: object) -> Spawn:
    """Run branches side by side and go on when all have ended."""
    raise TypeError("the machine itself starts branches")


PARALLEL = Keyword(
    name="PARALLEL",
    forms=(form("PARALLEL"),),
    effect=Effect.WAIT,
    call=_parallel,
    summary="Run branches side by side and go on when all have ended.",
    example="PARALLEL",
    group="structure",
    value=False,
)


def children(step: Step, frame: Frame, world: World) -> Spawn:
    """The branches of a fork, each with a copy of the variables it can see."""
    visible = {
        name: value
        for name, value in {**world.shared, **frame.variables}.items()
        if not name.startswith("~") or name == "~inputs"
    }
    labels = [label for label, *_ in step.branches]
    return Spawn(
        tuple(Child(label, visible, None, entry) for label, entry, _ in step.branches),
        reason=f"branches {', '.join(labels)}",
    )


def joined(step: Step, frame: Frame, world: World, ended: Sequence[Joined]) -> tuple[Value, Mistake | None]:
    """The results by label, once what the branches wrote is merged; and the first mistake of a branch, if any."""
    results = Object()
    mistake: Mistake | None = None
    for (label, _, written), child in zip(step.branches, ended, strict=True):
        for target in written:
            if target[1] in child.variables:
                store(frame, world, target, kept(adopt(child.variables[target[1]])))
        results[label] = kept(adopt(child.result))
        if child.mistake is not None and mistake is None:
            failed = child.mistake
            mistake = Mistake(
                failed.kind, f"Branch {label} failed: {failed.message}", failed.line, failed.column, failed.keyword
            )
    if mistake is not None:  # what the others answered stays within reach of ON ERROR
        for label, result in results.items():
            world.shared[f"branch_{label.lower()}"] = kept(Object(result=result))
    return results, mistake


def merged(step: Step, ended: Sequence[Joined]) -> tuple[Joined, ...]:
    """What the join takes from the branches, and nothing of what they leave behind: this is journalled."""
    kept_names = [{target[1] for target in written} for _, _, written in step.branches]
    return tuple(
        replace(child, variables={name: value for name, value in child.variables.items() if name in names})
        for child, names in zip(ended, kept_names, strict=True)
    )
