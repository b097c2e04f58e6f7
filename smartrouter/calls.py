"""Each call to a language model: whom to ask, the asking, and what is remembered of it.

    cache -> catalogue -> preference of the conversation -> what is left of the money -> gates and choice -> asking
          -> records, behind the call

A program that says neither OPTIMIZE FOR nor WITH MODEL gets the models in the order of the settings, its package's own
first; the next one answers when the first does not.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from keywords.host import ModelReply, ModelRequest
from keywords.mistakes import ProgramError, Transient
from smartrouter import wire
from smartrouter.asking import Asking, Plan, Question
from smartrouter.attempts import Attempt
from smartrouter.budgets import WHOLE, Allowance, Budgets
from smartrouter.catalogue import Model
from smartrouter.circuits import Circuits
from smartrouter.counting import Size
from smartrouter.heard import Heard
from smartrouter.judging import Judging
from smartrouter.kept_answers import KeptAnswers, Place, place_of
from smartrouter.ledger import Noted
from smartrouter.meaning import Meaning
from smartrouter.planning import aside, chosen, draws, limits_of, wanted, words_of
from smartrouter.preferences import Preference, Preferences
from smartrouter.provider import Provider
from smartrouter.purse import Purse
from smartrouter.records import Records
from smartrouter.retold import Retold
from smartrouter.routing.choice import Judgement
from smartrouter.routing.features import Prompt
from smartrouter.setup import Setup
from smartrouter.shape import Shape
from smartrouter.spending import Spendings
from smartrouter.unhurried import left_to_itself, unhurried
from smartrouter.window import ASK, fitted, room_in, transcript, with_summary

NOBODY = UUID(int=0)  # the tenant of calls that nobody makes in particular
HISTORY = "llm-history"  # in a package's config.csv: trim (what is usual) or summarise


class Calls:
    """Everything that a call needs; made with the first one, for it takes time to import."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._clock, self._now = setup.clock, setup.now
        self._provider = Provider(setup.environment, setup.clock)
        self._circuits = Circuits(setup.chance)
        self._records = Records(setup.pool, setup.clock, setup.now, setup.mirror)
        self._judging = Judging(setup.clock, setup.now)
        self._meaning = Meaning()
        self._budgets = Budgets(setup.pool, setup.now) if setup.pool else None
        self._kept = KeptAnswers(setup.pool)
        self._preferences = Preferences(setup.pool)
        self._spendings = Spendings(setup.pool)
        self._retold = Retold()

    async def work(self) -> None:
        """What is done behind the calls, until cancelled."""
        try:
            await self._records.run()
        finally:
            if self._budgets:
                await self._budgets.close()

    async def warm(self, models: Sequence[Model]) -> None:
        """Import and load what takes time."""
        await self._provider.priced(models)
        await self._meaning.load()

    async def settled(self) -> None:
        """Write what has gathered, and finish what is being learned."""
        await self._records.write()
        await self._records.settle()
        await self._judging.settled()

    async def answer(
        self, request: ModelRequest, call_id: str, configured: Sequence[Model], deadline: float | None
    ) -> ModelReply:
        """The reply of the best of these models that answers; see `LitellmModels.answer`."""
        shape = None if request.schema is None else Shape(request.schema)
        tenant = request.caller.tenant if request.caller else NOBODY
        preference = self._preferences.said(request)
        if preference is None:
            assert request.caller is not None
            preference = await unhurried(self._preferences.known(request.caller))
        models = wanted(configured, request.model or preference.model)
        heard = Heard(words_of(request.messages), self._meaning)
        place = self._place(request, tenant, heard, models, preference) if request.cache else None
        if place and (kept := await unhurried(self._kept.find(place, self._at()))):
            return self._again(kept, heard.glance, request, tenant, models)
        models = await self._provider.priced(models)
        held = self._records.known(tenant) or await self._records.of(tenant)
        judgement = self._judging.of(tenant, held, models)
        prompt = heard.glance if judgement.learned is None else heard.whole()
        config = self._setup.package_config(request.origin) if request.origin else {}
        spent = self._spendings.here(call_id, request)
        purse = Purse(
            request.max_cost, await unhurried(self._spendings.of(tenant, call_id)) if spent is None else spent
        )
        messages = await self._fitting(request, models, config, purse, call_id, deadline)
        tools = wire.tools_out(request.tools)
        size = Size(messages, tools)
        allowance = await self._allowance(request, tenant, judgement, size, config)
        if allowance.amount is not None:
            purse.limit = min(allowance.amount + purse.spent, math.inf if purse.limit is None else purse.limit)
        before = purse.spent
        try:
            limits = limits_of(request, size, purse, judgement)
            choice = chosen(request, preference, judgement, prompt, limits, call_id, allowance)
            foretold = {} if judgement.learned is None else {one.model: one.foretold for one in choice.ranking}
            asking = Asking(
                self._provider,
                self._circuits,
                Plan(choice, models, judgement, limits),
                Question(messages, tools, prompt, shape, request.pieces),
                purse,
                call_id,
                deadline,
                request.max_latency,
                lambda attempt: self._note(attempt, request, tenant, foretold),
                self._clock,
            )
            reading = heard.meanwhile()
            try:
                answered = await asking.answer()
            finally:
                reading.cancel()
                self._tell_health(tenant, models)
        except (Transient, ProgramError) as error:
            noting = self._spendings.note(tenant, call_id, purse.spent, request)
            if noting and isinstance(error, Transient):  # the engine makes the call again, maybe elsewhere
                await asyncio.shield(noting)
            raise
        finally:
            allowance.settle(purse.spent - before)
        execution = request.caller.execution if request.caller else None
        note = asking.noted
        self._retold.asked(execution, heard.words, answered.model, prompt, call_id, self._clock(), note)
        given = Attempt(answered.model, prompt, call_id, "given")
        self._records.note(
            self._noted(given, request, tenant, foretold.get(answered.model.label, 0.0))._replace(heard=heard)
        )
        told = aside(preference, choice, answered, call_id)
        found = answered.reading
        reply = ModelReply(
            found.text, found.calls, answered.model.name, found.read, found.written, found.cost, answered.value, told
        )
        if place and request.cache and not found.calls:
            left_to_itself(self._kept.keep(place, _kept(reply), request.cache, self._at()))
        return reply

    # -- before --------------------------------------------------------------------------------------------------------

    def _place(
        self, request: ModelRequest, tenant: UUID, heard: Heard, models: Sequence[Model], preference: Preference
    ) -> Place | None:
        """Where the answer to this request is kept; answers to tools' results and calls with tools are not."""
        if request.tools or not request.messages:
            return None
        caller = request.caller
        depends = {
            "models": [model.label for model in models],
            "aim": preference.aim,
            "schema": None if request.schema is None else dict(request.schema),
            "max_cost": request.max_cost,
        }
        meaning = heard.whole().meaning if request.by_meaning else ()
        bot, execution = (caller.bot, caller.execution) if caller else (NOBODY, None)
        return place_of(tenant, bot, request.messages, depends, meaning, execution)

    def _again(
        self, kept: Mapping[str, Any], prompt: Prompt, request: ModelRequest, tenant: UUID, models: Sequence[Model]
    ) -> ModelReply:
        """A reply that was given before, which costs nothing."""
        told = {**kept["aside"], "cost": 0.0, "input_tokens": 0, "output_tokens": 0, "cached": True}
        for name in ("seconds", "attempts"):
            told.pop(name, None)
        model = next((one for one in models if one.label == told["model"]), None)
        if model is not None:
            attempt = Attempt(model, prompt, str(told["call"]), "answered")
            self._records.note(self._noted(attempt, request, tenant, 0.0, cached=True))
        return ModelReply(kept["text"], (), kept["model"], 0, 0, 0.0, kept["value"], told)

    async def _fitting(
        self,
        request: ModelRequest,
        models: Sequence[Model],
        config: Mapping[str, str],
        purse: Purse,
        call_id: str,
        deadline: float | None,
    ) -> list[dict[str, Any]]:
        """The conversation as it is sent: shortened when it is longer than every model can read."""
        room = max((model.context or 0 if model.context else 10**9 for model in models), default=10**9)
        tools = Size((), request.tools).about if request.tools else 0
        messages, left_out = fitted(request.messages, room_in(room) - tools)
        if left_out and config.get(HISTORY, "").strip().casefold() in {"summarise", "summarize"}:
            share = None if purse.left is None else purse.left / 4
            question = [{"role": "system", "content": ASK}, {"role": "user", "content": transcript(left_out)}]
            summary = replace(
                request, messages=question, tools=(), optimize="cost", max_cost=share, model=None, schema=None,
                cache=None, pieces=None,
            )  # fmt: skip
            with contextlib.suppress(ProgramError, Transient):  # then it is only left out
                purse.spend(share or 0.0)
                messages = with_summary(
                    messages, (await self.answer(summary, f"{call_id}:summary", models, deadline)).text
                )
        return wire.messages_out(messages)

    async def _allowance(
        self, request: ModelRequest, tenant: UUID, judgement: Judgement, size: Size, config: Mapping[str, str]
    ) -> Allowance:
        """What the day's budgets allow this call."""
        caller = request.caller
        if self._budgets is None or caller is None:
            return Allowance(None)
        limits = self._setup.daily.concerning(caller.bot, config)
        if not limits:
            return Allowance(None)
        names = {WHOLE: "this installation", caller.bot: f"the bot {caller.bot_name or caller.bot}"}
        wanted_dollars = request.max_cost or draws(judgement, size)
        return await self._budgets.allowance(tenant, limits, wanted_dollars, names)

    # -- behind --------------------------------------------------------------------------------------------------------

    def _note(self, attempt: Attempt, request: ModelRequest, tenant: UUID, foretold: Mapping[str, float]) -> None:
        departs = foretold.get(attempt.model.label, 0.0)
        self._records.note(self._noted(attempt, request, tenant, departs))

    def _noted(
        self, attempt: Attempt, request: ModelRequest, tenant: UUID, foretold: float, *, cached: bool = False
    ) -> Noted:
        caller = request.caller
        if caller is None:
            return Noted(tenant, attempt, self._now(), foretold=foretold, cached=cached)
        at = self._now()
        return Noted(tenant, attempt, at, caller.execution, caller.bot, caller.session, foretold, cached)

    def _tell_health(self, tenant: UUID, models: Sequence[Model]) -> None:
        """Let the tables know of circuits that opened or closed."""
        now = self._clock()
        for model, circuit in self._circuits.changed(models):
            until = self._now() + max(0.0, circuit.until - now) if circuit.open else None
            self._records.ill(tenant, model.label, circuit.trouble, until)

    def _at(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)


def _kept(reply: ModelReply) -> dict[str, Any]:
    return {"text": reply.text, "value": reply.value, "model": reply.model, "aside": dict(reply.aside)}
