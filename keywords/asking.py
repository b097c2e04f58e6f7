"""Whether a program looks at the outcome of an approval; if not, a rejection must end it.

A program asks when, after the approval and before another one takes its place, it reads `approved`, `timed_out` or the
step's `result` (until another step sets it), or anywhere `step<n>` or the `branch_<label>` the approval stands in.
Inside a loop what stands earlier in the loop counts as well.
Approvals in different arms of one IF or SELECT do not take each other's place.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from keywords.evaluate import Node

Arms = tuple[tuple[int, int], ...]  # (block, arm) from outside in


@dataclass(slots=True)
class _Approval:
    at: int
    arms: Arms
    loop: int | None  # where the outermost loop around it began
    number: int | None
    branch: str | None
    answer: Node  # ["k", False], made True when the program asks


@dataclass(slots=True)
class Asking:
    """Takes notes while a program is compiled, and settles each approval at its end."""

    clock: int = 0
    arms: Arms = ()
    blocks: int = 0
    loops: list[int] = field(default_factory=list[int])
    reads: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    results: list[int] = field(default_factory=list[int])  # when a step set `result`
    approvals: list[_Approval] = field(default_factory=list[_Approval])
    ended_loops: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    def tick(self) -> int:
        self.clock += 1
        return self.clock

    def read(self, name: str) -> None:
        self.reads.append((self.tick(), name))

    def result(self) -> None:
        self.results.append(self.tick())

    def approval(self, number: int | None, branch: str | None) -> Node:
        """The `asked` argument of an approval at this place."""
        answer: Node = ["k", False]
        loop = self.loops[0] if self.loops else None
        self.approvals.append(_Approval(self.tick(), self.arms, loop, number, branch, answer))
        return answer

    def block(self) -> int:
        self.blocks += 1
        return self.blocks

    def loop_begins(self) -> None:
        self.loops.append(self.tick())

    def loop_ends(self) -> None:
        self.ended_loops.append((self.loops.pop(), self.tick()))

    def settle(self) -> None:
        for approval in self.approvals:
            approval.answer[1] = self._asked(approval)

    def _asked(self, approval: _Approval) -> bool:
        if approval.number is not None and any(name == f"step{approval.number}" for _, name in self.reads):
            return True
        if approval.branch is not None and any(name == f"branch_{approval.branch.lower()}" for _, name in self.reads):
            return True
        later = [a.at for a in self.approvals if a.at > approval.at and not exclusive(a.arms, approval.arms)]
        until = min(later, default=self.clock + 1)
        fresh = min((at for at in self.results if at > approval.at), default=self.clock + 1)
        for at, name in self.reads:
            after = approval.at < at < until
            before = approval.loop is not None and approval.loop <= at < approval.at
            if name in ("approved", "timed_out") and (after or before):
                return True
            if name == "result" and approval.number is not None and after and at < fresh:
                return True
        return False


def exclusive(one: Arms, other: Arms) -> bool:
    """Whether two places stand in different arms of one block, so that only one of them runs."""
    arms = dict(one)
    return any(block in arms and arms[block] != arm for block, arm in other)
