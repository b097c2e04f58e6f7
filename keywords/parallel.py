"""PARALLEL: branches are child executions with copies of the variables; what they wrote comes back at the join.

The names a branch writes are known from its text. They are copied in the order of the branches in the text, whoever
ended first; `branch_<label>` is always there, with `result`, `status`, and `error` where it failed. What a branch of
PARALLEL FOR EACH writes stays inside: the result is the list of what they return, in the order of the items.

A fork's options: `join` (`["any"]`, `["first error"]`, `["count", e, e]`), `policy`; and of PARALLEL FOR EACH `items`,
`name` of the variable, `max` at once, `without` the variables that its body does not look at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from keywords.host import Child, Joined, Spawn, Value
from keywords.mistakes import LimitReached, Mistake, WrongValue
from keywords.policy import times
from keywords.registry import Effect, Keyword, form
from keywords.state import Frame
from keywords.steps import Step, store
from keywords.values import List, Object, adopt, kept, measure, text
from keywords.world import World

WIDEST = 10_000  # branches of one PARALLEL
HEAVIEST = 128 * 1_048_576  # bytes of all the copies of variables that one PARALLEL FOR EACH makes


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
    fork = step.fork
    assert fork is not None
    visible = {
        name: value
        for name, value in {**world.shared, **frame.variables}.items()
        if not name.startswith("~") or name == "~inputs"
    }
    if fork.items is None:
        found = tuple(Child(label, visible, None, entry) for label, entry, _ in step.branches)
        labels = [label for label, *_ in step.branches]
        return Spawn(found, f"branches {', '.join(labels)}", wanted(step, frame, world, len(found)))
    items = fork.items(frame.variables, world)
    if len(items) > WIDEST:
        raise LimitReached(f"PARALLEL FOR EACH would start {len(items):,} branches; the limit is {WIDEST:,}.")
    seen = {name: value for name, value in visible.items() if name not in fork.without}
    ((_, entry, _),) = step.branches
    most = None if fork.most is None else times("MAX", fork.most(frame.variables, world), WIDEST, 1)
    heavy = sum(measure(value)[0] for value in seen.values()) * len(items)
    if heavy > HEAVIEST:
        raise LimitReached(
            f"PARALLEL FOR EACH would copy about {heavy >> 20:,} MB of variables into its {len(items):,} branches; the "
            f"limit is {HEAVIEST >> 20} MB. Clear what they do not need, or keep it in bot memory."
        )
    found = tuple(
        Child(str(at), {**seen, fork.name: kept(item)}, None, entry) for at, item in enumerate(items, start=1)
    )
    limited = f", {most} at once" if most and most < len(found) else ""
    return Spawn(found, f"{len(found)} branches{limited}", wanted(step, frame, world, len(found)), most)


def ended_by(spawn: Spawn, since: datetime, seconds: float) -> Spawn:
    """The same children, ended when their time is over."""
    deadline = since + timedelta(seconds=seconds)
    return replace(spawn, children=tuple(replace(child, deadline=deadline) for child in spawn.children))


def wanted(step: Step, frame: Frame, world: World, branches: int) -> int | None:
    """How many branches must end well for the program to go on; None: all of them, and all are waited for."""
    fork = step.fork
    if fork is None or not fork.join or not branches:
        return None
    if fork.join == "count":
        count, *total = (closure(frame.variables, world) for closure in fork.counts)
        if total and times("OF", total[0], WIDEST) != branches:
            raise WrongValue(f"PARALLEL has {branches} branches, not {text(total[0])}.")
        return times("JOIN", count, branches, 1)
    return 1 if fork.join == "any" else branches


def joined(step: Step, frame: Frame, world: World, ended: Sequence[Joined]) -> tuple[Value, Mistake | None]:
    """The results by label, or in a list, once what the branches wrote is merged; and the mistake, if they failed."""
    for child in ended:
        world.state.undo += child.undo
    if step.fork is not None and step.fork.items is not None:
        results: Value = List(kept(adopt(child.result)) for child in ended)
        return results, _mistake(step, frame, world, ended)
    results = Object()
    for (label, _, written), child in zip(step.branches, ended, strict=True):
        for target in written:
            if target[1] in child.variables:
                store(frame, world, target, kept(adopt(child.variables[target[1]])))
        results[label] = kept(adopt(child.result))
        told = Object(result=results[label], status=_status(child))
        if child.mistake is not None:
            told["error"] = child.mistake.message
        world.shared[f"branch_{label.lower()}"] = kept(told)
    return results, _mistake(step, frame, world, ended)


def _status(child: Joined) -> str:
    if child.mistake is None:
        return "completed"
    return "cancelled" if child.mistake.kind == "cancelled" else "failed"


def _mistake(step: Step, frame: Frame, world: World, ended: Sequence[Joined]) -> Mistake | None:
    """Why the branches together failed, if they did: the first of those that failed by themselves."""
    failed = [child for child in ended if child.mistake is not None]
    needed = wanted(step, frame, world, len(ended))
    well = len(ended) - len(failed)
    if not failed or (needed is not None and well >= needed):
        return None
    child = next((one for one in failed if _status(one) == "failed"), failed[0])
    why = child.mistake
    assert why is not None
    words = f"Branch {child.name} failed: {why.message}"
    if needed is not None and needed < len(ended):
        words = f"{well} of the {needed} branches that were needed ended well. {words}"
    return Mistake(why.kind, words, why.line, why.column, why.keyword, why.attempt)


def merged(step: Step, ended: Sequence[Joined]) -> tuple[Joined, ...]:
    """What the join takes from the branches, and nothing of what they leave behind: this is journalled."""
    if step.fork is not None and step.fork.items is not None:
        return tuple(replace(child, variables={}) for child in ended)
    kept_names = [{target[1] for target in written} for _, _, written in step.branches]
    return tuple(
        replace(child, variables={name: value for name, value in child.variables.items() if name in names})
        for child, names in zip(ended, kept_names, strict=True)
    )
