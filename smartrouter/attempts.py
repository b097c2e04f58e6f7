"""One attempt at one model: what its answer says, what it cost, and how it is noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from keywords.mistakes import Transient
from smartrouter import wire
from smartrouter.catalogue import Model
from smartrouter.counting import in_text
from smartrouter.failure import Failure, Why
from smartrouter.purse import price
from smartrouter.routing.features import Prompt
from smartrouter.routing.gates import Candidate

_CHARACTERS = 4  # of a token, about
_IMPLAUSIBLE = 8  # characters of a token; a usage that comes to more of them is not believed


class Reading(NamedTuple):
    """An answer as it was read."""

    text: str
    calls: Sequence[Mapping[str, Any]]
    read: int  # tokens of the prompt
    written: int  # tokens of the answer
    most_written: int  # tokens that may be billed for it at most
    cost: float
    truncated: bool
    first: float | None = None  # seconds to the first piece of a stream
    between: float | None = None  # seconds between two tokens

    @property
    def empty(self) -> bool:
        """Whether it says nothing at all."""
        return not self.text.strip() and not self.calls


class Attempt(NamedTuple):
    """What is noted of an attempt. `quality` is a weak signal, where the attempt gave one."""

    model: Model
    prompt: Prompt
    call_id: str
    ended: str  # "answered" or why not; or a signal about an attempt that was noted before
    seconds: float = 0.0
    read: int = 0
    written: int = 0
    cost: float = 0.0
    first: float | None = None
    between: float | None = None
    quality: float | None = None
    weight: float = 0.0

    @property
    def answered(self) -> bool:
        return self.ended == "answered"

    @property
    def signal(self) -> bool:
        """Whether this is no attempt of its own: its answer did not fit, was asked for again, or was given."""
        return self.ended in {"misfit", "retried", "given"}


EMPTY, TRUNCATED, MISFIT, RETRIED = (0.0, 0.3), (0.3, 0.2), (0.0, 0.3), (0.2, 0.2)  # quality and weight of weak signals


def reading(
    response: Any, model: Model, candidate: Candidate, about: int, began: float, times: Sequence[float]
) -> Reading:
    """What a response says; raises Failure for garbage."""
    try:
        text, calls = wire.answer_in(response, model.name)
    except Transient as error:
        raise Failure("garbage", str(error), error) from None
    usage = getattr(response, "usage", None)
    written_text = text + "".join(str(call) for call in calls)
    read = _believed(getattr(usage, "prompt_tokens", 0), about * 3)
    written = _believed(getattr(usage, "completion_tokens", 0), len(written_text))
    most = max(written, in_text(written_text))
    finish = getattr(response.choices[0], "finish_reason", None)
    first = times[0] - began if times else None
    between = (times[-1] - times[0]) / max(written - 1, 1) if len(times) > 1 else None
    cost = price(candidate, read, written)
    return Reading(text, calls, read, written, most, cost, finish == "length", first, between)


def attempt_of(
    model: Model, prompt: Prompt, began: float, seconds: float, call_id: str, ended: Reading | Failure
) -> Attempt:
    """The attempt as it is noted."""
    if isinstance(ended, Failure):
        why: Why = ended.why
        return Attempt(model, prompt, call_id, why, seconds)
    quality, weight = None, 0.0
    if ended.empty:
        quality, weight = EMPTY
    elif ended.truncated:
        quality, weight = TRUNCATED
    return Attempt(
        model,
        prompt,
        call_id,
        "answered",
        seconds,
        ended.read,
        ended.written,
        ended.cost,
        ended.first,
        ended.between,
        quality,
        weight,
    )


def misfitting(model: Model, prompt: Prompt, at: float, call_id: str) -> Attempt:
    """The weak signal of an answer that did not fit its schema."""
    return Attempt(model, prompt, call_id, "misfit", quality=MISFIT[0], weight=MISFIT[1])


def _believed(told: object, characters: int) -> int:
    """What the provider says it counted, unless that cannot be or it says nothing: then an estimate."""
    count = told if isinstance(told, int) and told > 0 else 0
    return count if count * _IMPLAUSIBLE >= characters else max(count, -(-characters // _CHARACTERS))
