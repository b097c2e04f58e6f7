"""The built-in keywords: the table tests itself, then each keyword's promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from keywords.host import (
    Act,
    Again,
    Answer,
    Child,
    Decided,
    Host,
    Identity,
    ModelReply,
    ModelRequest,
    Moment,
    Recorded,
    Services,
    Spawn,
    Value,
    Wait,
    bot_id,
)
from keywords.library import registry
from keywords.mistakes import LimitReached, ProgramError, Refused, TimedOut, UnknownName, WrongValue
from keywords.registry import Effect, Keyword
from keywords.values import List, Object
from tests.language.memories import Remembered

TABLE = registry()
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
TENANT, EXECUTION = UUID(int=1), UUID(int=2)
ME = bot_id(TENANT, "shop")
MOMENT = Moment(Identity(TENANT, EXECUTION, ME, "shop", "shop"), 0, 7, NOW)


@dataclass
class World(Remembered):
    """The services of a host, as far as these tests need them."""

    memory: dict[str, str] = field(default_factory=dict[str, str])
    asked: list[Any] = field(default_factory=list[Any])
    reply: ModelReply = field(default=ModelReply("fine", (), "m", 1, 1, 0.0))

    async def answering(self, host: Host, name: str, message: str | None) -> Spawn | Act:
        self.asked.append((name, message))
        return Spawn((Child(name, {}),))

    async def script(
        self, host: Host, name: str, values: Sequence[Value], arguments: Mapping[str, Value]
    ) -> Spawn | Act:
        self.asked.append((name, list(values), dict(arguments)))
        return Spawn((Child(name, arguments),))

    async def tool(self, host: Host, name: str, arguments: Mapping[str, Value]) -> Spawn | Act:
        if name != "find":
            raise UnknownName("tool", name, ["find"], "")
        return Spawn((Child(name, arguments),))

    async def identified(self, tenant: UUID, origin: str, name: str) -> tuple[UUID, str]:
        return bot_id(tenant, name), name

    def names(self, origin: str) -> Sequence[str]:
        return ()

    async def answer(self, request: ModelRequest, call_id: str) -> ModelReply:
        self.asked.append((request, call_id))
        return self.reply

    async def preferred(self, caller: Identity) -> str | None:
        return "m"


def host(world: World | None = None, step: int = 0) -> Host:
    world = world or World()
    return Host(MOMENT, Services(world, world, world), {}, step)


def record(word: str, /, **arguments: Value) -> Recorded:
    found = TABLE[word].call(MOMENT, **arguments)
    assert isinstance(found, Recorded)
    return found


# -- the table ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", list(TABLE), ids=lambda word: word.name)
def test_the_table_tests_itself(word: Keyword) -> None:
    assert word.summary
    assert word.example.startswith(word.forms[0].words) or word.name == "SELECT", "a statement SELECT is a block"
    parameters = word.parameters
    for form in word.forms:
        slots = {slot.name for slot in form.slots}
        assert slots <= set(parameters), "every slot fills a parameter"
        needed = {name for name, p in parameters.items() if p.default is p.empty}
        assert needed <= slots, "every form fills what the function needs"


def test_all_keywords_of_the_spine_are_there() -> None:
    spine = {
        "TALK": Effect.RECORD,
        "PUSH": Effect.PURE,
        "APPEND": Effect.PURE,
        "PRINT": Effect.RECORD,
        "BOT": Effect.WAIT,
        "DELAY": Effect.WAIT,
        "WAIT": Effect.WAIT,
        "PUBLISH EVENT": Effect.RECORD,
        "WAIT FOR EVENT": Effect.WAIT,
        "HUMAN APPROVAL": Effect.WAIT,
        "SET BOT MEMORY": Effect.RECORD,
        "GET BOT MEMORY": Effect.READ,
        "BOT SHARE MEMORY": Effect.TRANSACTION,
        "BOT SYNC MEMORY": Effect.TRANSACTION,
        "LLM": Effect.IDEMPOTENT,
        "MODEL TURN": Effect.IDEMPOTENT,
        "RUN TOOL": Effect.WAIT,
    }
    assert spine.items() <= {word.name: word.effect for word in TABLE}.items()


# -- talking and waiting -----------------------------------------------------------------------------------------------


def test_talk_says_values_as_people_read_them() -> None:
    assert record("TALK", message="hi").answer == "hi"
    assert record("TALK", message=None).answer == ""
    assert record("TALK", message=Object(a=List([1, 2.5]))).answer == '{"a": [1, 2.5]}'
    assert record("PRINT", values=List(["a", 1, True])).answer == "a 1 true"


def test_a_message_of_more_than_a_megabyte_is_refused() -> None:
    with pytest.raises(LimitReached, match="at most 1,024 KB"):
        record("TALK", message="\u00e9" * 600_000)


@pytest.mark.parametrize("seconds", [90, 90.0, "90", "90.0"])
async def test_delay_waits_for_seconds(seconds: Value) -> None:
    assert await TABLE["DELAY"].call(host(), seconds) == Wait(
        NOW + timedelta(seconds=90), reason="the end of a pause at 2026-05-04 12:01:30 UTC"
    )


@pytest.mark.parametrize("seconds", [-1, None, "soon", True, float("nan"), List([1])])
async def test_delay_refuses_what_is_no_time(seconds: Value) -> None:
    with pytest.raises(WrongValue, match="DELAY"):
        await TABLE["DELAY"].call(host(), seconds)


async def test_delay_has_an_end() -> None:
    with pytest.raises(LimitReached, match="at most 3660 days"):
        await TABLE["DELAY"].call(host(), 1e12)


async def test_no_time_at_all_is_no_wait() -> None:
    assert await TABLE["DELAY"].call(host(), 0) is None


async def test_wait_ends_after_five_minutes_at_the_latest() -> None:
    assert (await TABLE["WAIT"].call(host(), 3000)).wake_at == NOW + timedelta(seconds=300)
    assert (await registry(1000)["WAIT"].call(host(), 3000)).wake_at == NOW + timedelta(seconds=1000)
    assert (await TABLE["WAIT"].call(host(), 0.5)).wake_at == NOW + timedelta(seconds=0.5)


async def test_bot_hands_name_and_message_over() -> None:
    world = World()
    await TABLE["BOT"].call(host(world), "triage", 5)
    await TABLE["BOT"].call(host(world), "triage")
    assert world.asked == [("triage", "5"), ("triage", None)]


# -- events ------------------------------------------------------------------------------------------------------------


def test_publishing_answers_the_id_that_the_call_always_gets() -> None:
    found = record("PUBLISH EVENT", name="order.paid", data=Object(total=5))
    [row] = found.effects
    assert found.answer == str(MOMENT.new_id())
    assert row.values == (MOMENT.new_id(), "order.paid", "", {"total": 5})


@pytest.mark.parametrize("name", ["", "  ", None, 5, "a\nb", "order.*", "order.>", "a\x07"])
def test_an_event_is_published_under_a_plain_name(name: Value) -> None:
    with pytest.raises(WrongValue, match="event"):
        record("PUBLISH EVENT", name=name)


@pytest.mark.parametrize("name", ["", "  ", None, 5, "a\nb", "order.p*", "order.>.x", "order..*", "a\x07"])
async def test_a_wait_needs_a_name_or_a_sound_pattern(name: Value) -> None:
    with pytest.raises(WrongValue, match=r"event|pattern"):
        await TABLE["WAIT FOR EVENT"].call(host(), name)


def test_an_events_name_and_data_have_a_limit() -> None:
    with pytest.raises(LimitReached, match="at most 200 characters"):
        record("PUBLISH EVENT", name="x" * 201)
    with pytest.raises(LimitReached, match="at most 256 KB"):
        record("PUBLISH EVENT", name="x", data="y" * 262_144)


async def test_waiting_for_an_event_has_a_deadline_only_when_one_is_given() -> None:
    wait: Wait = await TABLE["WAIT FOR EVENT"].call(host(), "paid", 60)
    assert (wait.wake_at, wait.reason) == (NOW + timedelta(seconds=60), "event paid")
    assert wait.effects[0].values == ("paid", "", None, None)
    assert (await TABLE["WAIT FOR EVENT"].call(host(), "paid")).wake_at is None


@pytest.mark.parametrize("timeout", [0, -5, "never", False])
async def test_a_timeout_must_be_positive(timeout: Value) -> None:
    for name, first in (("WAIT FOR EVENT", "paid"), ("HUMAN APPROVAL", "ana")):
        with pytest.raises(WrongValue, match="TIMEOUT"):
            await TABLE[name].call(host(), first, timeout=timeout)


# -- people ------------------------------------------------------------------------------------------------------------


def resumed(answer: Answer, **arguments: Value) -> Any:
    resume = TABLE["HUMAN APPROVAL"].resume
    assert resume
    return resume(MOMENT, {"approvers": List(["ana"]), "timeout": 60, **arguments}, answer)


def said(status: str, comment: str = "") -> Answer:
    return Answer(Object(approved=status == "approved", status=status, by="ana", comment=comment))


TOO_LATE = Answer(timed_out=True)


async def test_an_approval_is_a_request_to_people_with_a_deadline() -> None:
    wait: Wait = await TABLE["HUMAN APPROVAL"].call(host(step=3), List(["ana, ben", "ana"]), timeout=60)
    assert wait.reason == "approval from ana, ben"
    assert wait.effects[0].values == (
        MOMENT.new_id(), 3, ["ana", "ben"], 1, "Step 3 of shop asks for an approval.",
        NOW + timedelta(seconds=60), None,
    )  # fmt: skip


async def test_an_approval_without_a_message_says_what_it_is_about() -> None:
    about = {"customer": "ana", "amount": 40, "note": "x\n" * 99, "api_key": "k", "gone": None, "step1": "s"}
    services = Services(World(), World(), World())
    wait: Wait = await TABLE["HUMAN APPROVAL"].call(Host(MOMENT, services, about, 3), "ana")
    notes = ("x " * 29)[:57] + "..."
    told = f"Step 3 of shop asks for an approval: customer = ana, amount = 40, note = {notes}."
    assert wait.effects[0].values[4] == told


@pytest.mark.parametrize("who", ["", ",", List(), None, 5, "a\nb"])
async def test_an_approval_needs_people(who: Value) -> None:
    with pytest.raises(WrongValue):
        await TABLE["HUMAN APPROVAL"].call(host(), who)


def test_an_approval_answers_the_decision() -> None:
    assert resumed(said("approved")) == {"approved": True, "status": "approved", "by": "ana", "comment": ""}


def test_a_rejection_fails_a_program_that_does_not_look() -> None:
    with pytest.raises(Refused, match="ana rejected the approval: too dear"):
        resumed(said("rejected", "too dear"))
    assert resumed(said("rejected"), asked=True)["approved"] is False


def test_silence_fails_a_program_that_does_not_look() -> None:
    with pytest.raises(TimedOut, match="Nobody approved: ana did not answer within 60 seconds"):
        resumed(TOO_LATE)
    found = resumed(TOO_LATE, asked=True)
    assert (found["approved"], found["status"], found["by"]) == (False, "timedout", "system:timeout")


async def test_an_escalation_asks_somebody_else_once_for_the_same_time() -> None:
    escalate = Object(action="escalate", to=List(["boss"]))
    again = resumed(TOO_LATE, on_timeout=escalate, message="Buy it?")
    assert isinstance(again, Again)
    wait: Wait = await TABLE["HUMAN APPROVAL"].call(host(), **again.arguments)
    assert wait.reason == "approval from boss"
    assert wait.effects[0].values[2:] == (["boss"], 1, "Buy it?", NOW + timedelta(seconds=60), MOMENT.new_id())
    with pytest.raises(TimedOut, match="boss did not answer"):
        resumed(TOO_LATE, **again.arguments)


def test_time_can_approve_with_a_warning_or_reject_with_words() -> None:
    found = resumed(TOO_LATE, on_timeout=Object(action="approve", words="WITH WARNING"))
    assert found["approved"] is True
    assert found["comment"].startswith("Approved with a warning: ana did not answer")
    with pytest.raises(Refused, match="system:timeout rejected the approval: REJECT ORDER, because ana did not answer"):
        resumed(TOO_LATE, on_timeout=Object(action="reject", words="ORDER"))


# -- memory ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "stored"),
    [("text", "text"), (5, "5"), (True, "true"), (None, ""), (Object(a=1), '{"a": 1}'), (List([1, "b"]), '[1, "b"]')],
)
def test_memory_keeps_text(value: Value, stored: str) -> None:
    [row] = record("SET BOT MEMORY", key="k", value=value).effects
    assert row.values == ("k", stored, None)


@pytest.mark.parametrize(
    ("key", "kind"),
    [("", WrongValue), (None, WrongValue), ("a\tb", WrongValue), ("\u00e9" * 257, LimitReached), (True, WrongValue)],
)
async def test_a_key_has_rules(key: Value, kind: type[ProgramError]) -> None:
    with pytest.raises(kind, match="key of a memory"):
        record("SET BOT MEMORY", key=key, value="v")
    with pytest.raises(kind, match="key of a memory"):
        await TABLE["GET BOT MEMORY"].call(host(), key)


def test_two_ways_to_write_one_letter_are_one_key() -> None:
    [row] = record("SET BOT MEMORY", key="cafe\u0301", value="v").effects
    assert row.values[0] == "caf\u00e9"


def test_a_value_has_a_limit() -> None:
    with pytest.raises(LimitReached, match="A memory may have at most"):
        record("SET BOT MEMORY", key="k", value="\u00e9" * 600_000)


async def test_a_missing_memory_reads_as_empty_text() -> None:
    assert await TABLE["GET BOT MEMORY"].call(host(World({"k": "v"})), "k") == "v"
    assert await TABLE["GET BOT MEMORY"].call(host(), "k") == ""


async def test_sharing_and_syncing_name_the_other_bot() -> None:
    shared: Decided = await TABLE["BOT SHARE MEMORY"].call(host(), "k", "sales")
    synced: Decided = await TABLE["BOT SYNC MEMORY"].call(host(), "sales")
    targets = [[str(bot_id(TENANT, "sales")), "sales"]]
    assert shared.effect.values == ("k", "k", False, targets, False, False, False, None)
    assert synced.effect.values == (bot_id(TENANT, "sales"), "sales", "source")
    for call in (TABLE["BOT SHARE MEMORY"].call(host(), "k", "shop"), TABLE["BOT SYNC MEMORY"].call(host(), "shop")):
        with pytest.raises(WrongValue, match="needs another bot"):
            await call
