"""BOT: hand a message to another bot and go on with its answer."""

from __future__ import annotations

from keywords.host import Act, Host, Spawn, Value
from keywords.library import limits
from keywords.registry import Effect, keyword


@keyword(
    "BOT {name:tight} [{message}]",
    effect=Effect.WAIT,
    example='BOT "classifier" "Classify this ticket"',
    group="bots",
)
async def bot(host: Host, name: str, message: Value = None) -> Spawn | Act:
    """Ask a bot and answer what it returns: a dialog of the same package, or a package found by its name.

    A dialog runs as an execution of its own. A package runs the dialog whose name is the message, or else answers
    as a model agent.
    """
    said = None if message is None else limits.message(message)
    return await host.services.bots.answering(host, limits.name_of("a bot", name), said)
