"""Starting: a form made from the program's PARAM lines, filled with samples; and one step alone, with what it knew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from starlette.responses import Response
from starlette.routing import Route

from designer import inputs, shelves
from designer.browsing import Browsing
from designer.house import House, Missing, Visit
from designer.one_step import alone
from keywords.compile import compile_program
from keywords.encode import load, plain
from keywords.host import ProgramText
from keywords.mistakes import ProgramError, WrongValue
from workflow.permission import may_write


@dataclass(frozen=True, slots=True)
class Wanted:
    """What shall run: a draft as it stands, a packaged or published workflow, or the program of a run."""

    program: ProgramText
    query: Mapping[str, str]  # how it was asked for
    given: Mapping[str, Any]  # the inputs to begin the form with
    bot_name: str = ""
    stands: bool = False  # packaged or published: started by all who may run; else only by who may do what it says


def routes(house: House) -> list[Route]:
    browsing = Browsing(house.doors.pool)

    async def wanted(visit: Visit, asked: Mapping[str, str]) -> Wanted:
        if text := asked.get("draft"):
            draft = await visit.doors.drafts.get(visit.caller, _id(visit, text))
            return Wanted(ProgramText(draft.source, draft.name, draft.origin), {"draft": text}, {})
        if text := asked.get("run"):
            found = await browsing.run_source(visit.caller, _id(visit, text))
            if found is None:
                raise Missing(visit.say("The program of this run is not kept any more."))
            await visit.doors.operations.get(visit.caller, _id(visit, text))
            began = {name: plain(load(value)) for name, value in (found["given"] or {}).items()}
            names = began.pop("~inputs", None) or list(began)
            given = {name: value for name, value in began.items() if name in names and not name.startswith("~")}
            program = ProgramText(found["source"], found["workflow_name"], found["origin"])
            standing = await _standing(visit, program)
            return Wanted(standing or program, {"run": text}, given, found["bot_name"], standing is not None)
        if text := asked.get("workflow"):
            return Wanted(await visit.doors.find(visit.caller, text), {"workflow": text}, {}, stands=True)
        raise Missing(visit.say("Choose a workflow to start."))

    async def form(visit: Visit) -> Response:
        what = await wanted(visit, visit.request.query_params)
        params, faults = inputs.asked(what.program.source, what.program.name, visit.doors.registry)
        samples = await shelves.samples(visit.doors.packages, what.program.origin) if what.program.origin else ()
        fitting = [s for s in samples if not s.workflow or s.workflow == what.program.name] or list(samples)
        chosen, given = visit.asked("sample"), what.given
        if chosen.isdecimal() and int(chosen) < len(fitting):
            given = fitting[int(chosen)].inputs
        return visit.page(
            "start.html",
            visit.say("Start {name}", name=what.program.name),
            section="workflows",
            program=what.program,
            query=what.query,
            fields=inputs.fields(params, given),
            faults=faults,
            samples=fitting,
            chosen=chosen,
            key=str(uuid4()),
        )

    async def start(visit: Visit) -> Response:
        given = await visit.form()
        what = await wanted(visit, given)
        params, _ = inputs.asked(what.program.source, what.program.name, visit.doors.registry)
        values = inputs.inputs(params, given)
        if not what.stands:
            _may(visit, what.program.source)
        execution = await visit.doors.operations.start(
            visit.caller,
            what.program,
            inputs=values,
            idempotency_key=f"designer {given['key']}" if given.get("key") else None,
            bot_name=what.program.origin or what.bot_name,
        )
        return visit.see(f"/designer/runs/{execution}")

    async def step(visit: Visit) -> Response:
        """The form for one step alone: with the variables that it mentions, as they last were."""
        what = await wanted(visit, visit.request.query_params)
        line = _line(visit, visit.asked("line"))
        known, from_run = await _known(visit, browsing, what, line)
        piece = alone(what.program.source, line, visit.doors.registry)
        if piece is None:
            raise Missing(visit.say("There is no step at that line."))
        used = {name: known.get(name) for name in (piece.words if known else piece.names) if not known or name in known}
        return visit.page(
            "step.html",
            visit.say("Run one step of {name}", name=what.program.name),
            section="workflows",
            program=what.program,
            piece=piece,
            line=line,
            query=what.query,
            used=used,
            from_run=from_run,
            key=str(uuid4()),
        )

    async def run_step(visit: Visit) -> Response:
        given = await visit.form()
        what = await wanted(visit, given)
        line = _line(visit, given.get("line", ""))
        piece = alone(what.program.source, line, visit.doors.registry)
        if piece is None:
            raise Missing(visit.say("There is no step at that line."))
        values = {name: _json(visit, name, given[f"var:{name}"]) for name in piece.words if f"var:{name}" in given}
        _may(visit, piece.source)  # with values of the reader's choice, and without what stands before it: a new text
        name = f"{what.program.name.partition('/')[2] or what.program.name}: {visit.say('line {n}', n=line)}"
        execution = await visit.doors.operations.start(
            visit.caller,
            ProgramText(piece.source, name, what.program.origin),
            inputs={name: value for name, value in values.items() if value is not None},
            idempotency_key=f"designer {given['key']}" if given.get("key") else None,
            bot_name=what.program.origin or what.bot_name,
        )
        return visit.see(f"/designer/runs/{execution}")

    return [
        house.route("/start", form, scope="wf:run"),
        house.route("/start", start, ("POST",), "wf:run"),
        house.route("/step", step, scope="wf:run"),
        house.route("/step", run_step, ("POST",), "wf:run"),
    ]


def _may(visit: Visit, source: str) -> None:
    """Raise Forbidden for a text that does what its reader may not; one that cannot run is refused at its start."""
    program = compile_program(source, visit.doors.registry).program
    if program is not None:
        may_write(visit.caller, program)


async def _standing(visit: Visit, program: ProgramText) -> ProgramText | None:
    """What starts by the name of a run's program, where that is the same text still."""
    try:
        found = await visit.doors.find(visit.caller, program.name)
    except ProgramError:
        return None
    return found if (found.source, found.origin) == (program.source, program.origin) else None


async def _known(visit: Visit, browsing: Browsing, what: Wanted, line: int) -> tuple[Mapping[str, Any], UUID | None]:
    """What the latest run that came to this line knew there."""
    run = _id(visit, what.query["run"]) if "run" in what.query else None
    call = visit.asked("call")
    if run is not None and call.isdecimal() and len(call) < 9:
        return (await visit.doors.operations.replaying.at(visit.caller, run, int(call))).variables, run
    found = await browsing.last_call(visit.caller, what.program.name, line, run)
    if found is None:
        return {}, None
    moment = await visit.doors.operations.replaying.at(visit.caller, found["execution_id"], found["seq"])
    return moment.variables, found["root_id"]


def _id(visit: Visit, text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Missing(visit.say("There is no such page.")) from None


def _line(visit: Visit, text: str) -> int:
    if not text.isdecimal() or len(text) > 7 or int(text) < 1:
        raise WrongValue(visit.say("That is no number of a line."))
    return int(text)


def _json(visit: Visit, name: str, text: str) -> Any:
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except ValueError:
        if text.lstrip()[:1] in '{["':
            raise WrongValue(visit.say("{name} is not JSON.", name=name)) from None
        return text
