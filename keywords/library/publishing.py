"""Workflows as people draw them, from BASIC: publish one, take it back, look at its versions."""

from __future__ import annotations

from keywords.encode import from_plain
from keywords.host import Host, Value, Workflows
from keywords.library import limits
from keywords.library.steering import MOST_LISTED, whole
from keywords.mistakes import ProgramError, WrongValue
from keywords.registry import Effect, keyword


class NoDesigner(ProgramError):
    """The program runs where nobody draws workflows."""

    kind = "unavailable"

    def __init__(self) -> None:
        super().__init__("There is no designer here whose workflows could be published.")


def workflows(host: Host) -> Workflows:
    """The service; raises NoDesigner."""
    if host.services.workflows is None:
        raise NoDesigner
    return host.services.workflows


@keyword(
    "PUBLISH WORKFLOW {name} [FROM {source}] [AS VERSION {version}]",
    effect=Effect.IDEMPOTENT,
    example='PUBLISH WORKFLOW "refund" FROM source AS VERSION "spring"',
    group="executions",
)
async def publish_workflow(host: Host, name: Value, source: Value = None, version: Value = None) -> Value:
    """Let a workflow of the designer, or this text under its name, be what runs; answers {version, name, unchanged}.

    FROM makes the workflow where there is none, and changes nothing where the text cannot run. A draft that is in no
    version is kept as one first. What is published already keeps its version.
    """
    wanted = limits.name_of("a workflow", name)
    text = None if source is None else limits.message(source, "A program")
    called = "" if version is None else limits.name_of("a version", version)
    return from_plain(dict(await workflows(host).published(host.moment, wanted, text, called)))


@keyword("UNPUBLISH WORKFLOW {name}", effect=Effect.IDEMPOTENT, example='UNPUBLISH WORKFLOW "refund"',
         group="executions")  # fmt: skip
async def unpublish_workflow(host: Host, name: Value) -> Value:
    """Let a workflow of the designer start no more; what runs goes on. Answers {version, name, unchanged}."""
    wanted = limits.name_of("a workflow", name)
    return from_plain(dict(await workflows(host).unpublished(host.moment, wanted)))


@keyword("LIST WORKFLOWS [LIMIT {limit}]", effect=Effect.READ, example="LIST WORKFLOWS LIMIT 10", group="executions")
async def list_workflows(host: Host, limit: Value = 50) -> Value:
    """The workflows of the designer, the latest changed first: name, package, version (NULL: none runs), lines, ..."""
    most = whole("LIMIT of LIST WORKFLOWS", limit)
    if not 1 <= most <= MOST_LISTED:
        raise WrongValue(f"LIMIT of LIST WORKFLOWS needs a number from 1 to {MOST_LISTED}, not {most}.")
    return from_plain([dict(each) for each in await workflows(host).listed(host.moment, most)])


@keyword("LIST VERSIONS OF {name}", name="LIST VERSIONS", effect=Effect.READ, example='LIST VERSIONS OF "refund"',
         group="executions")  # fmt: skip
async def list_versions(host: Host, name: Value) -> Value:
    """The versions of a workflow, the newest first: version, name, by, at, published_at, and whether it runs."""
    wanted = limits.name_of("a workflow", name)
    return from_plain([dict(each) for each in await workflows(host).versions(host.moment, wanted)])


KEYWORDS = (publish_workflow, unpublish_workflow, list_workflows, list_versions)
