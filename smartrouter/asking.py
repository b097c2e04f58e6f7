"""Asking the ranked models until one answers, within what is left of the money and the time.

Each attempt gets a share of the time that leaves enough for the next model, and at most the tokens that are still paid
for. Who fails is noted in its circuit and the next is asked at once. When all have failed: with MAX_LATENCY they are
asked again while there is time; without, the engine makes the whole call again later.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from keywords.mistakes import LimitReached, ProgramError, TimedOut, Transient, WrongValue
from smartrouter import wire
from smartrouter.attempts import Attempt, Reading, attempt_of, misfitting, reading
from smartrouter.catalogue import Model
from smartrouter.circuits import Circuits
from smartrouter.counting import Size
from smartrouter.failure import Failure
from smartrouter.provider import Provider
from smartrouter.purse import Purse, price
from smartrouter.routing.choice import Choice, Considered, Judgement
from smartrouter.routing.features import Prompt
from smartrouter.routing.gates import Candidate, Limits, gate
from smartrouter.shape import Misfit, Shape, repair
from smartrouter.spans import chat

PATIENCE = 120.0  # seconds for one answer, when nothing else is known
LEAST_PATIENCE = 15.0  # for a model that is usually quicker, when there are others to ask
SLOW = 10.0  # seconds; an answer that took longer, and five times as long as it should, counts as none was given
ROUNDS = 4  # through all models, while MAX_LATENCY lasts
_TICK = 0.02  # seconds of MAX_LATENCY that are ours


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what an answer must be like."""

    messages: Sequence[Mapping[str, Any]]
    tools: Sequence[Mapping[str, Any]]
    prompt: Prompt
    shape: Shape | None = None
    heard: Callable[[str], None] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom to ask, in this order, and what each is expected to do."""

    choice: Choice
    models: Sequence[Model]  # in the order of the judgement's candidates
    judgement: Judgement
    limits: Limits

    def model(self, label: str) -> Model:
        """The model of this label."""
        return self.models[self.judgement.rows[label]]

    def candidate(self, label: str) -> Candidate:
        """The same as the choice saw it."""
        return self.judgement.candidates[self.judgement.rows[label]]

    def expected(self, label: str) -> float | None:
        """How long all but one in twenty of its answers take; None when hardly measured."""
        span = self.judgement.span(self.judgement.rows[label], self.choice.task)
        return None if span is None else span.surely()


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and how it came about."""

    reading: Reading
    model: Model
    value: Any = None
    attempts: tuple[Attempt, ...] = ()
    cut: bool = False  # by the tokens that MAX_COST buys


@dataclass(slots=True)
class Asking:
    """Asks one question; made for each call."""

    provider: Provider
    circuits: Circuits
    plan: Plan
    question: Question
    purse: Purse
    call_id: str
    deadline: float | None  # by the clock
    max_latency: float | None
    noted: Callable[[Attempt], None]
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    attempts: list[Attempt] = field(default_factory=list[Attempt])
    failures: list[Failure] = field(default_factory=list[Failure])
    misfit: Misfit | None = None
    blank: Answered | None = None
    _size: Size | None = None

    async def answer(self) -> Answered:
        """The first answer that will do; raises ProgramError, or Transient when asking later may help."""
        for turn in range(1 if self.deadline is None else ROUNDS):
            for place, considered in enumerate(self.plan.choice.ranking):
                others = any(self._open(one) for one in self.plan.choice.ranking[place + 1 :])
                if answered := await self._ask(considered, others):
                    return answered
                if self._over():
                    break
            if not await self._again(turn):
                break
        if self.blank:
            return self.blank
        raise self._end()

    async def _ask(self, considered: Considered, others: bool) -> Answered | None:
        model, candidate = self.plan.model(considered.model), self.plan.candidate(considered.model)
        messages = list(self.question.messages)
        for mending in (False, True):
            if not self._open(considered) or (longest := self._affordable(candidate, messages)) is None:
                return None
            seconds = self._seconds(considered, others=others)
            if seconds <= 0:
                return None
            try:
                found = await self._attempt(model, candidate, messages, longest, seconds, others)
            except Failure as failure:
                self.failures.append(failure)
                if failure.why == "policy":
                    raise failure.told from None
                return None
            try:
                value = self.question.shape.value(found.text) if self.question.shape and not found.calls else None
            except Misfit as misfit:
                self.misfit = misfit
                self.noted(misfitting(model, self.question.prompt, self.clock(), self.call_id))
                messages = [
                    *self.question.messages,
                    {"role": "assistant", "content": found.text or "(nothing)"},
                    {"role": "user", "content": repair(misfit)},
                ]
                if mending:
                    return None
                continue
            cut = found.truncated and longest > 0 and self.purse.limit is not None
            answered = Answered(found, model, value, tuple(self.attempts), cut)
            if found.empty:
                self.blank = answered
                return None
            return answered
        return None

    async def _attempt(
        self, model: Model, candidate: Candidate, messages: list[Any], longest: int, seconds: float, others: bool
    ) -> Reading:
        """One request; its end is noted whatever it is. Raises Failure."""
        bound = self._bound(messages)
        aside = price(candidate, bound, longest) if self.purse.limit is not None else 0.0
        trial = self.circuits.begin(model)
        began = self.clock()
        ended = False
        try:
            with chat(model, longest, self.call_id) as span:
                response, times = await self._asked(model, messages, longest, seconds)
                found = reading(response, model, candidate, self.plan.limits.input_tokens, began, times)
                span(found)
            took = self.clock() - began
            ended = True
            # Who says nothing, or may have to be asked again, may have been paid for more than can be seen.
            seen = min(aside, price(candidate, bound, found.most_written)) if aside else found.cost
            self.purse.spend(aside if aside and (found.empty or self.question.shape) else seen)
            usual = self.plan.expected(model.label)
            if found.empty:
                self.circuits.failed(model, self.clock(), "failed", f"{model.name} answered nothing", trial=trial)
            elif others and took > SLOW and usual is not None and took > 5 * usual:
                words = f"{model.name} took {took:.0f} seconds"
                self.circuits.failed(model, self.clock(), "slow", words, trial=trial)
            else:
                self.circuits.answered(model, self.clock(), took, trial=trial)
            self._note(attempt_of(model, self.question.prompt, began, took, self.call_id, found))
            return found
        except Failure as failure:
            took = self.clock() - began
            if not ended:
                self.purse.spend(aside if failure.billed else 0.0)
            ended = True
            self._count(model, failure, seconds, trial)
            self._note(attempt_of(model, self.question.prompt, began, took, self.call_id, failure))
            raise
        finally:
            if not ended:  # whoever asked has left; what was sent may be billed
                self.purse.spend(aside)
                self.circuits.left(model, trial)

    async def _asked(self, model: Model, messages: list[Any], longest: int, seconds: float) -> tuple[Any, list[float]]:
        arguments: dict[str, Any] = {"messages": messages}
        if self.question.tools:
            arguments["tools"] = list(self.question.tools)
        if longest:
            arguments["max_tokens"] = longest
        if self.question.shape:
            if model.abilities and "schema" in model.abilities:
                arguments["response_format"] = self.question.shape.asked()
            else:
                arguments["messages"] = wire.instructed(messages, self.question.shape.told())
        if self.question.heard is None:
            return await self.provider.complete(model, arguments, seconds, self.call_id), []
        return await self.provider.stream(model, arguments, seconds, self.call_id, self.question.heard)

    # -- what may be asked ---------------------------------------------------------------------------------------------

    def _open(self, considered: Considered) -> bool:
        return self._barred(considered) is None

    def _barred(self, considered: Considered) -> float | None:
        model = self.plan.model(considered.model)
        if not self.circuits.troubled(model):
            return None
        return self.circuits.barred(model, self.clock(), self._seconds(considered, others=True))

    def _affordable(self, candidate: Candidate, messages: list[Any]) -> int | None:
        """The tokens of an answer that are paid for; 0 for as many as it likes, None for too few."""
        if self.purse.limit is None:
            return 0
        limits = Limits(
            self.plan.limits.input_tokens,
            self._bound(messages),
            max_cost=self.purse.left,
            longest=self.plan.limits.longest,
        )
        if self.question.shape:  # half of it, where that is enough, so that an answer can be mended
            half = gate(candidate, replace(limits, max_cost=(self.purse.left or 0.0) / 2), None)
            if not half.closed:
                return half.longest or 0
        found = gate(candidate, limits, None)
        return None if found.closed else found.longest or 0

    def _bound(self, messages: list[Any]) -> int:
        """The tokens of the prompt that may be billed at most."""
        if self.purse.limit is None:
            return 0
        if len(messages) == len(self.question.messages) and self.plan.limits.billed_tokens is not None:
            return self.plan.limits.billed_tokens + self._instruction
        return Size(messages, self.question.tools).counted + self._instruction

    @property
    def _instruction(self) -> int:
        return len(self.question.shape.told().encode()) + 8 if self.question.shape else 0

    # -- time ----------------------------------------------------------------------------------------------------------

    def _left(self) -> float | None:
        return None if self.deadline is None else self.deadline - self.clock()

    def _over(self) -> bool:
        left = self._left()
        return left is not None and left <= _TICK

    def _seconds(self, considered: Considered, *, others: bool) -> float:
        """How long this attempt may take: long enough for this model, short enough for the next."""
        usual = self.plan.expected(considered.model)
        left = self._left()
        if left is None:
            return PATIENCE if not others or usual is None else min(PATIENCE, max(LEAST_PATIENCE, 8 * usual))
        left -= _TICK
        if not others:
            return left
        return min(left, max(0.4 * left, 2 * usual)) if usual is not None else 0.6 * left

    async def _again(self, turn: int) -> bool:
        """Wait until somebody may be asked again; False when that is too late, or of no use."""
        left = self._left()
        hopeless = self.failures and not any(isinstance(failure.told, Transient) for failure in self.failures)
        if left is None or hopeless or self.misfit is not None:
            return False
        if self.purse.left is not None and self.purse.left <= 0:
            return False
        pause = 0.1 * 2**turn
        waits = [self._barred(one) or 0.0 for one in self.plan.choice.ranking]
        pause = max(pause, min(waits, default=0.0))
        if pause + 2 * _TICK >= left:
            return False
        await self.sleep(pause)
        return True

    # -- ends ----------------------------------------------------------------------------------------------------------

    def _note(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)
        self.noted(attempt)

    def _count(self, model: Model, failure: Failure, seconds: float, trial: bool) -> None:
        now = self.clock()
        match failure.why:
            case "question" | "policy" | "empty":
                self.circuits.left(model, trial)
            case "late":
                usual = self.plan.expected(model.label)
                patient = seconds >= LEAST_PATIENCE or (usual is not None and seconds >= 2 * usual)
                given = float("inf") if patient else seconds
                self.circuits.failed(model, now, "late", str(failure), trial=trial, given=given)
            case "garbage":
                self.circuits.failed(model, now, "failed", str(failure), trial=trial)
            case "refused":
                self.circuits.failed(model, now, "refused", str(failure), trial=trial, error=failure.told)
            case "failed" | "slow" | "busy" as fault:
                self.circuits.failed(model, now, fault, str(failure), trial=trial, after=failure.after)

    def _end(self) -> Exception:
        """What is told when nobody answered."""
        if self.misfit is not None:
            return WrongValue(
                f"No model gave an answer that fits the schema: {self.misfit}. Make the schema simpler, or name a "
                "stronger model with WITH MODEL."
            )
        passing = [failure.told for failure in self.failures if isinstance(failure.told, Transient)]
        if self.max_latency is not None:
            if self._over() or any(failure.why == "late" for failure in self.failures):
                return TimedOut(
                    f"No model answered within MAX_LATENCY {self.max_latency:g} milliseconds.{self._reasons()}"
                )
            if passing:
                return Unanswered(f"No model answered.{self._reasons()}")
        if passing and self._money_is_gone():
            return LimitReached(
                f"MAX_COST {self.purse.limit:g} is used up by attempts that were not answered but may be billed."
                f"{self._reasons()} Raise it, or ask again later."
            )
        if passing:
            return min(passing, key=lambda told: told.after or 0.0)
        if self.failures:
            return self.failures[0].told
        return self._barred_end()

    def _barred_end(self) -> Exception:
        """What is told when every model is known not to answer now."""
        now = self.clock()
        known = [(self.circuits.of(model), model) for model in self.plan.models]
        for circuit, _ in known:
            if circuit.error is not None:
                return circuit.error
        waits = [self.circuits.barred(model, now) or 0.0 for _, model in known]
        reasons = "; ".join(f"{model.name}: {circuit.trouble}" for circuit, model in known if circuit.trouble)
        words = f"No model answers at the moment ({reasons or 'all are being tried'})."
        if self.max_latency is not None:
            return Unanswered(words)
        return Transient(words, min(waits, default=1.0))

    def _money_is_gone(self) -> bool:
        if self.purse.limit is None:
            return False
        messages = list(self.question.messages)
        return all(self._affordable(one, messages) is None for one in self.plan.judgement.candidates)

    def _reasons(self) -> str:
        words = list(dict.fromkeys(str(failure) for failure in self.failures))
        return f" {' '.join(words[:3])}" if words else ""


class Unanswered(ProgramError):
    """No model answered, and MAX_LATENCY leaves no time to ask again."""

    kind = "unavailable"
