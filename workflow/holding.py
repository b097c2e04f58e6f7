"""What a claimed execution brings to the committer; what becomes of it when that is refused, or it is to end."""

from __future__ import annotations

from datetime import datetime

import structlog

from keywords.encode import state_to_json
from keywords.host import EffectRow
from keywords.mistakes import Mistake
from keywords.outcome import Call, Written
from keywords.program import MissingKeyword, UnknownFormat
from keywords.state import State
from workflow.batch import mistake_text
from workflow.cancel import SQL as BRANCHES, cancel
from workflow.claim import Claim
from workflow.commit import Committer
from workflow.engine import Engine
from workflow.keeping import Keeping
from workflow.repeat import repeated
from workflow.turn import FINISHED, Birth, Committed, Fenced, Join, Line, Turn, Unstorable

log = structlog.get_logger()

CHECKPOINT = 100  # calls between two states in the journal


class Holding:
    """A claim, and what was gathered for it that is not yet durable."""

    def __init__(self, claim: Claim, engine: Engine, committer: Committer) -> None:
        self._claim = claim
        self._identity = claim.identity
        self._keeping = Keeping(claim.kept)
        self._engine = engine
        self._committer = committer
        self._seq = claim.seq
        self._once = claim.once_call
        self._attempt = claim.attempt
        self._lines: list[Line] = []
        self._effects: list[Written] = []
        self._births: tuple[Birth, ...] = ()  # of children that have ended already
        self._weight = 0  # of lines and effects, in bytes
        self._n = self._step = self._generation = 0
        self._undoes = False  # the program knows how to undo what it does

    # -- commits -------------------------------------------------------------------------------------------------------

    async def _commit(
        self,
        status: str,
        state: State | None,
        *,
        reason: str | None = None,
        wake_at: datetime | None = None,
        once: int | None = None,
        retrying: bool = False,
        effects: tuple[EffectRow, ...] = (),
        call: Call | None = None,
        decides: bool = False,
        births: tuple[Birth, ...] = (),
        join: Join | None = None,
        result: str | None = None,
        error: str | None = None,
    ) -> Committed | None:
        """Make everything gathered durable with this state; None when the execution is no longer ours to go on with."""
        stored, values, ends = None, (), status in FINISHED
        if state is not None and state.undoing is not None and status in ("running", "waiting"):
            reason = f"undoes what it has done{f'; {reason}' if reason else ''}"
        if state is not None:
            stored, values = (state_to_json(state), ()) if ends else self._keeping.text(state)
        own = tuple(Written(call.moment, row) for row in effects) if call else ()
        turn = Turn(
            identity=self._identity,
            epoch=self._claim.epoch,
            seq=self._seq,
            status=status,
            at=self._now(),
            n=self._n,
            step=self._step,
            state=stored,
            reason=reason,
            wake_at=wake_at,
            once_call=once,
            attempt=self._attempt,
            retrying=retrying,
            lines=_with_checkpoint(self._lines, state),
            effects=(*self._effects, *own),
            decides=decides,
            values=values,
            frees=ends and state is not None and self._keeping.used,
            births=(*self._births, *births),
            join=join,
            result=result,
            error=error,
            parent=self._claim.parent_id,
            parent_n=self._claim.parent_n or 0,
            in_window=self._claim.in_window,
            root=self._claim.root_id,
            name=self._claim.workflow_name,
            began=self._claim.created_at,
        )
        fate = await self._committer.commit(turn)
        self._lines, self._effects, self._births, self._weight = [], [], (), 0
        match fate:
            case Committed():
                self._seq += 1
                self._once = once
                if fate.cancel_requested and not turn.finished:
                    await self._end_cancelled(status)
                    return None
                if fate.pause_requested and status == "running" and not decides:  # a verdict must be taken first
                    paused = await self._commit("paused", None)
                    if paused and not paused.pause_requested:  # resumed meanwhile: it is ready, for whoever claims it
                        await self._engine.hints.publish("ready")
                    return None
                return fate
            case Fenced():
                log.info("run.fenced_out", execution=str(self._claim.id), epoch=self._claim.epoch)
            case Unstorable():
                await self._refused(turn, fate)
        return None

    async def _end_cancelled(self, status: str) -> None:
        """It was asked to end while it ran. What would have begun to wait is still ours; the rest anybody may end."""
        identity = self._identity
        claim, owner = self._claim, self._committer.owner
        if status in ("running", "waiting") and not self._undoes:
            await self._commit("cancelled", None)

        async def cancelled() -> None:
            async with self._engine.pool.connection() as connection, connection.transaction():
                if self._undoes:
                    given = {"id": claim.id, "owner": owner, "epoch": claim.epoch, "now": self._now()}
                    await connection.execute(BRANCHES["hand_back"], given)
                await cancel(connection, identity.tenant, identity.execution, self._now())

        await repeated(cancelled)

    async def _refused(self, turn: Turn, why: Unstorable) -> None:
        """Postgres would not have what this execution made: it fails, its last good state stays."""
        reason = why.reason
        mistake = Mistake("value", f"What the program made cannot be stored: {reason}.")
        if why.n is not None:
            mistake = Mistake("limit", reason)
            for entry in (line.entry for line in turn.lines if line.entry.n == why.n):
                mistake = Mistake("limit", reason, entry.line, entry.column, entry.keyword)
        bare = Turn(
            turn.identity, turn.epoch, turn.seq, "failed", turn.at, turn.n, self._claim.current_step,
            error=mistake_text(mistake), parent=turn.parent, parent_n=turn.parent_n, in_window=turn.in_window,
            root=turn.root,
            name=turn.name, began=turn.began,
        )  # fmt: skip
        fate = await self._committer.commit(bare)
        log.warning("run.unstorable", execution=str(turn.id), reason=reason, fate=type(fate).__name__)
        if isinstance(fate, Unstorable):
            raise RuntimeError(f"not even its end can be stored: {fate.reason}")

    async def _pause(self, error: MissingKeyword | UnknownFormat) -> None:
        why = "missing keyword" if isinstance(error, MissingKeyword) else "newer format"
        await self._commit("paused", None, reason=f"{why}: {error}")

    def _now(self) -> datetime:
        return self._engine.clock()


def _with_checkpoint(lines: list[Line], state: State | None) -> tuple[Line, ...]:
    """Every hundred calls the journal keeps a whole state, so that no fold is ever long."""
    if not lines or state is None:
        return tuple(lines)
    if lines[-1].entry.n % CHECKPOINT and (len(lines) == 1 or all(line.entry.n % CHECKPOINT for line in lines)):
        return tuple(lines)
    last = lines[-1]
    return (*lines[:-1], Line(last.entry, last.generation, last.started, state_to_json(state)))
