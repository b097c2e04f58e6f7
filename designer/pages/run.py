"""One run as it happens: its program with what became of each line, what it asks, what was said; and its steering."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from starlette.responses import Response
from starlette.routing import Route

from designer import live
from designer.browsing import Browsing
from designer.drawing import drawn
from designer.house import House, Missing, Visit
from designer.line_states import WORDS, Lines
from keywords.mistakes import WrongValue
from workflow.approvals import DECISIONS
from workflow.details import Approval, Detail
from workflow.following import News

SAID = 200  # of the newest words that are shown
RESTING = ("completed", "failed", "cancelled")


def routes(house: House) -> list[Route]:
    browsing, shared = Browsing(house.doors.pool), live.Shared()

    async def page(visit: Visit) -> Response:
        id_ = visit.id()
        following = visit.doors.operations.following
        detail = await visit.doors.operations.get(visit.caller, id_)
        news, places = await following.now(visit.caller, id_)
        source = await browsing.run_source(visit.caller, id_)
        if source is None:
            raise Missing(visit.say("The program of this run is not kept any more."))
        found = await following.lines(visit.caller, news.all, source["hash"])
        lines = Lines.of(source["hash"], found, news.all)
        drawing = drawn(source["source"], visit.doors.registry, visit.say, lines.shown)
        return visit.page(
            "run.html",
            detail.workflow_name,
            section="runs",
            tab="now",
            source=source["source"],
            drawing=drawing,
            lines=lines.shown,
            words=WORDS,
            place=places.text(),
            **_standing(visit, detail),
        )

    async def watch(visit: Visit) -> Response:
        id_ = visit.id()
        await visit.doors.operations.following.allowed(visit.caller, id_)
        after = live.last_place(visit.request.headers.get("last-event-id", ""), visit.asked("since"))
        source = await browsing.run_source(visit.caller, id_)
        if source is None:
            raise Missing(visit.say("The program of this run is not kept any more."))

        async def pieces(news: News) -> str:
            kind = (visit.language, visit.caller.subject, visit.caller.scopes)
            return await shared.of(news, kind, lambda _: _pieces(visit, id_))

        events = live.stream(
            visit.doors.operations.following, visit.caller, id_, source["hash"], after, visit.say, pieces
        )
        return live.response(events)

    return [
        house.route("/runs/{id}", page),
        house.route("/runs/{id}/live", watch),
        house.route("/runs/{id}/steer", steer, ("POST",), "wf:run"),
        house.route("/runs/{id}/answer", answer, ("POST",), "wf:run"),
        house.route("/approvals/{id}/decide", decide, ("POST",), "wf:approve"),
    ]


async def _pieces(visit: Visit, id_: UUID) -> str:
    detail = await visit.doors.operations.get(visit.caller, id_)
    return visit.text("run_live.html", **_standing(visit, detail))


def _standing(visit: Visit, detail: Detail) -> dict[str, Any]:
    return {
        "detail": detail,
        "said": detail.messages[-SAID:],
        "hidden": max(0, len(detail.messages) - SAID),
        "may": {scope: visit.caller.may(scope) for scope in ("wf:run", "wf:approve")},
        "own": {approval.id: may_decide(visit, approval) for approval in detail.approvals},
        "resting": RESTING,
    }


def may_decide(visit: Visit, approval: Approval) -> bool:
    """Whether the form is shown: to whom it is asked of, and to the owner; the operation itself decides."""
    caller = visit.caller
    names = {name.casefold() for name in (caller.subject, caller.on_behalf_of) if name}
    asked = {name.casefold() for name in approval.approvers}
    return caller.may("wf:approve") and (caller.owner or not asked or bool(names & asked))


async def steer(visit: Visit) -> Response:
    """Cancel, pause, resume, try again, fork or settle."""
    id_, given = visit.id(), await visit.form()
    operations, caller = visit.doors.operations, visit.caller
    address = f"/designer/runs/{id_}"
    place: dict[str, Any] = {name: _whole(visit, given[name]) for name in ("step", "call") if given.get(name)}
    match given.get("act"):
        case "cancel":
            await operations.cancel(caller, id_)
            return visit.done(visit.say("It is being cancelled."), address)
        case "pause":
            await operations.pause(caller, id_)
            return visit.done(visit.say("It pauses at its next step."), address)
        case "resume":
            await operations.resume(caller, id_)
            return visit.done(visit.say("It goes on."), address)
        case "retry":
            await operations.retry(caller, id_, **place)
            return visit.see(address)
        case "fork":
            forked = await operations.fork(caller, id_, **place, variables=_variables(given))
            return visit.see(f"/designer/runs/{forked.id}")
        case "again":
            await operations.settle(caller, id_, took_place=False)
            return visit.see(address)
        case "took_place":
            await operations.settle(caller, id_, took_place=True, value=given.get("value") or None)
            return visit.see(address)
        case _:
            raise WrongValue(visit.say("Choose one of the buttons."))


def _whole(visit: Visit, text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise WrongValue(visit.say("That is no number of a step."))
    return int(text)


def _variables(given: Mapping[str, str]) -> dict[str, Any]:
    from designer.inputs import value_of

    return {name.removeprefix("var:"): value_of(text) for name, text in given.items() if name.startswith("var:")}


async def answer(visit: Visit) -> Response:
    """What the person of the conversation answers to a HEAR."""
    given = await visit.form()
    await visit.doors.operations.answer(visit.caller, visit.id(), given.get("text", ""))
    return visit.done(visit.say("Answered."), f"/designer/runs/{visit.id()}")


NOTED = {
    "approve": "Approved.",
    "reject": "Rejected.",
    "escalate": "Handed on.",
    "defer": "It has its time once more.",
    "requestinfo": "Asked.",
}


async def decide(visit: Visit) -> Response:
    """A decision about an approval."""
    given = await visit.form()
    if given.get("decision") not in DECISIONS:
        raise WrongValue(visit.say("Choose one of the buttons."))
    approval = await visit.doors.operations.decide(
        visit.caller, visit.id(), given["decision"], given.get("comment", "")[:2000]
    )
    words = NOTED.get(given["decision"], "Noted.")
    back = "/designer/approvals" if given.get("back") == "inbox" else f"/designer/runs/{approval.root}"
    return visit.see(back) if given.get("back") == "inbox" else visit.done(visit.say(words), back)
