"""Workflows that people write and draw: drafts, their versions, and which of them runs: what the designer calls."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from designer.document import Document
from designer.draft import Draft, Summary as Row, Version as Point
from designer.outline import Card, Outline, Way, outlined
from designer.publishing import Publishing, Unpublishable
from designer.refusals import Conflict, Gone, NotHere, Stale
from keywords.diagnostics import Diagnostic
from keywords.host import ProgramText
from keywords.mistakes import UnknownName
from mcp_server.problems import Problem
from mcp_server.programs import told
from mcp_server.rest import executions, workflow_shapes as shapes
from mcp_server.rest.paging import cut, place, place_of
from mcp_server.rest.table import BASIC, Call, Link, Operation, Reply


async def draft_of(call: Call) -> Draft:
    """The workflow that the path names, by its id or its name; raises UnknownName."""
    wanted: str = call.path["workflow"]
    try:
        id_ = UUID(wanted) if len(wanted) == 36 else None
    except ValueError:
        id_ = None
    if id_ is not None:
        return await call.app.drafts.get(call.caller, id_)
    found = await call.app.drafts.named(call.caller, wanted)
    if found is None:
        raise UnknownName("workflow", wanted[:100], (), "GET /workflows lists them.")
    return found


def summary(one: Row | Draft) -> dict[str, Any]:
    """A workflow without its text."""
    lines = len(one.document.lines) if isinstance(one, Draft) else one.size
    return {
        "id": str(one.id), "name": one.name, "package": one.origin or None, "etag": one.etag,
        "published": one.published, "lines": lines, "created_by": one.created_by,
        "created_at": one.created_at.isoformat(), "changed_by": one.changed_by,
        "changed_at": one.changed_at.isoformat(),
    }  # fmt: skip


def _whole(draft: Draft, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    return Reply({**summary(draft), "source": draft.source}, status, headers or {}, etag=draft.etag)


def _late(error: Conflict) -> Problem:
    """Somebody was quicker: told with the state that stands now."""
    now = error.now
    headers = {"ETag": f'"{now.etag}"'} if isinstance(now, Draft) else {}
    more = {"current": summary(now)} if isinstance(now, Draft) else {}
    return Problem("changed" if isinstance(error, Stale) else "conflict", str(error), headers=headers, more=more)


def _match(call: Call) -> str:
    return "" if call.match in (None, "*") else str(call.match)


async def listed(call: Call) -> Reply:
    query: shapes.Wanted = call.query
    found = await call.app.drafts.listed(call.caller, query.q, query.limit + 1, place_of(query.cursor))
    rows, onward = cut(found, query.limit, lambda row: place(row.changed_at, row.id))
    return Reply({"items": [summary(row) for row in rows], "next_cursor": onward})


async def new(call: Call) -> Reply:
    body: shapes.New = call.body
    made = await call.app.drafts.create(
        call.caller, body.name, body.source, origin=body.package or "", key=call.key or ""
    )
    return _whole(made, 201, {"Location": f"/api/v1/workflows/{made.id}"})


async def shown(call: Call) -> Reply:
    return _whole(await draft_of(call))


async def _replaced(call: Call, name: str | None, source: str | None) -> Draft:
    draft, match = await draft_of(call), _match(call)
    try:
        other = name if name is not None and name != draft.name else ""
        if source is not None:
            draft = (await call.app.drafts.replace(call.caller, draft.id, source, match, other)).after
        elif other:
            draft = await call.app.drafts.rename(call.caller, draft.id, other, match)
    except Conflict as error:
        raise _late(error) from None
    if name is None and source is None and match and match != draft.etag:
        raise _late(Stale("The workflow is another one by now.", draft))
    return draft


async def put(call: Call) -> Reply:
    body: shapes.Put = call.body
    return _whole(await _replaced(call, body.name, body.source))


async def patch(call: Call) -> Reply:
    body: shapes.Patch = call.body
    return _whole(await _replaced(call, body.name, body.source))


async def delete(call: Call) -> Reply:
    draft = await draft_of(call)
    try:
        await call.app.drafts.delete(call.caller, draft.id, _match(call))
    except Conflict as error:
        raise _late(error) from None
    return Reply()


async def source(call: Call) -> Reply:
    draft = await draft_of(call)
    return Reply(draft.source.encode("utf-8", "replace"), etag=draft.etag, media=BASIC)


async def put_source(call: Call) -> Reply:
    try:
        text = bytes(call.body).decode()
    except UnicodeDecodeError:
        raise Problem("malformed", "The text is not UTF-8.") from None
    if "\0" in text:
        raise Problem("invalid", "The text must not hold U+0000.")
    draft = await _replaced(call, None, text)
    return Reply(draft.source.encode("utf-8", "replace"), etag=draft.etag, media=BASIC)


# -- what is in it -----------------------------------------------------------------------------------------------------


def _diagnostics(found: tuple[Diagnostic, ...], outline: Outline) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for one in found[:500]:
        card = outline.at_line(one.line)
        rows.append({**told(one), "fix": one.fix or None, "node": card.id if card else None})
    return rows


def _card(card: Card, document: Document) -> dict[str, Any]:
    return {
        "id": card.id,
        "kind": card.kind,
        "line": card.head + 1,
        "last": card.end,
        "text": document.lines[card.head].rstrip("\r\n") if card.head < len(document.lines) else "",
        "ways": [_way(way, document) for way in card.ways],
    }


def _way(way: Way, document: Document) -> dict[str, Any]:
    return {"id": way.id, "line": way.start + 1, "cards": [_card(card, document) for card in way.cards]}


async def tree(call: Call) -> Reply:
    draft = await draft_of(call)
    outline = outlined(draft.document, call.app.registry)
    cards = [_card(card, draft.document) for card in outline.root.cards]
    found = call.app.check(draft.source, draft.origin)
    body = {"etag": draft.etag, "cards": cards, "diagnostics": _diagnostics(found, outline)}
    return Reply(body, etag=draft.etag)


def _validated(call: Call, text: str, package: str) -> Reply:
    found = call.app.check(text, package)
    outline = outlined(Document.of(text), call.app.registry)
    valid = not any(one.severity == "error" for one in found)
    return Reply({"valid": valid, "diagnostics": _diagnostics(found, outline)})


async def validate(call: Call) -> Reply:
    draft = await draft_of(call)
    return _validated(call, draft.source, draft.origin)


async def validate_text(call: Call) -> Reply:
    body: shapes.Text = call.body
    return _validated(call, body.source, body.package or "")


# -- gestures ----------------------------------------------------------------------------------------------------------


async def edit(call: Call) -> Reply:
    body: shapes.Gesture = call.body
    draft = await draft_of(call)
    gesture = body.model_dump(by_alias=True, exclude_none=True)
    return await _edited(call, draft, call.app.drafts.edit(call.caller, draft.id, gesture, _match(call)))


async def undo(call: Call) -> Reply:
    draft = await draft_of(call)
    return await _edited(call, draft, call.app.drafts.undo(call.caller, draft.id))


async def redo(call: Call) -> Reply:
    draft = await draft_of(call)
    return await _edited(call, draft, call.app.drafts.redo(call.caller, draft.id))


async def _edited(call: Call, draft: Draft, work: Any) -> Reply:
    from designer.document import to_json

    try:
        made = await work
    except Conflict as error:
        raise _late(error) from None
    except Gone as error:
        raise Problem("conflict", str(error), more={"current": summary(draft)}) from None
    except NotHere as error:
        raise Problem("invalid", str(error)) from None
    after: Draft = made.after
    found = _diagnostics(call.app.check(after.source, after.origin), outlined(after.document, call.app.registry))
    told_ = {
        "etag": after.etag, "label": made.edit.label, "rebased": made.rebased, "focus": made.edit.focus,
        "splice": to_json(made.edit.change), "diagnostics": found,
    }  # fmt: skip
    return Reply(told_, etag=after.etag)


# -- versions, and which one runs --------------------------------------------------------------------------------------


def _version(one: Point, *, whole: bool = False) -> dict[str, Any]:
    found = {
        "number": one.number, "name": one.name, "etag": one.etag, "by": one.by, "at": one.at.isoformat(),
        "published_at": _time(one.published_at),
    }  # fmt: skip
    return {**found, "source": one.source} if whole else found


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


async def versions(call: Call) -> Reply:
    draft = await draft_of(call)
    found = await Publishing(call.app.drafts).versions(call.caller, draft.id)
    return Reply({"items": [_version(one) for one in found]})


async def save_version(call: Call) -> Reply:
    draft = await draft_of(call)
    made = await Publishing(call.app.drafts).save(call.caller, draft.id, call.body.name)
    return Reply(_version(made), 201, {"Location": f"/api/v1/workflows/{draft.id}/versions/{made.number}"})


async def version(call: Call) -> Reply:
    draft = await draft_of(call)
    found = await Publishing(call.app.drafts).version(call.caller, draft.id, call.path["version"])
    return Reply(_version(found, whole=True), etag=found.etag)


async def restore(call: Call) -> Reply:
    draft = await draft_of(call)
    try:
        restored = await Publishing(call.app.drafts).restore(call.caller, draft.id, call.path["version"], _match(call))
    except Conflict as error:
        raise _late(error) from None
    return _whole(restored)


async def diff(call: Call) -> Reply:
    draft, query = await draft_of(call), call.query
    return Reply({"diff": await Publishing(call.app.drafts).diff(call.caller, draft.id, query.from_, query.to)})


async def publish(call: Call) -> Reply:
    draft = await draft_of(call)
    try:
        made = await Publishing(call.app.drafts).publish(call.caller, draft.id, _match(call), call.body.name)
    except Conflict as error:
        raise _late(error) from None
    except Unpublishable as error:
        rows = _diagnostics(error.diagnostics, outlined(draft.document, call.app.registry))
        raise Problem(
            "program", str(error), [{k: v for k, v in row.items() if v is not None} for row in rows]
        ) from None
    return Reply(_version(made))


async def unpublish(call: Call) -> Reply:
    draft = await draft_of(call)
    return _whole(await Publishing(call.app.drafts).unpublish(call.caller, draft.id))


async def start(call: Call) -> Reply:
    """Start the published version."""
    draft = await draft_of(call)
    if draft.published is None:
        raise Problem("conflict", f"The workflow {draft.name} is not published: nothing runs until it is.")
    made = await Publishing(call.app.drafts).version(call.caller, draft.id, draft.published)
    return await executions.started(call, ProgramText(made.source, draft.name, draft.origin), call.body)


_ALL, _ONE = "/workflows", "/workflows/{workflow}"
_SAME = {"workflow": "$response.body#/id"}
_LINKS = {
    "look": Link("getWorkflow", _SAME),
    "delete": Link("deleteWorkflow", {**_SAME, "header.If-Match": "$response.header.ETag"}),
    "validate": Link("validateWorkflow", _SAME),
}
_TEXT = 'ORCHESTRATE WORKFLOW "hello"\nTALK "Hello"\nEND WORKFLOW\n'
TABLE = (
    Operation("GET", _ALL, "listWorkflows", "List workflows, the latest changed first", listed, "wf:read", "workflows",
              query=shapes.Wanted, answers=shapes.Workflows),
    Operation("POST", _ALL, "newWorkflow", "Make a workflow", new, "wf:run", "workflows", body=shapes.New,
              answers=shapes.Workflow, status=201, once=True, location=True, etag=True, programs=True, links=_LINKS,
              example={"name": "hello", "source": _TEXT}),
    Operation("GET", _ONE, "getWorkflow", "Look at a workflow", shown, "wf:read", "workflows", answers=shapes.Workflow,
              etag=True),
    Operation("PUT", _ONE, "putWorkflow", "Replace a workflow", put, "wf:run", "workflows", body=shapes.Put,
              answers=shapes.Workflow, match="required", etag=True, programs=True, conflicts=True,
              example={"source": _TEXT}),
    Operation("PATCH", _ONE, "patchWorkflow", "Change name or text", patch, "wf:run", "workflows", body=shapes.Patch,
              answers=shapes.Workflow, match="required", etag=True, programs=True, conflicts=True,
              example={"name": "hello again"}),
    Operation("DELETE", _ONE, "deleteWorkflow", "Delete a workflow; what runs goes on", delete, "wf:run", "workflows",
              status=204, match="required", conflicts=True),
    Operation("GET", f"{_ONE}/source", "getSource", "Read the text", source, "wf:read", "workflows", gives=(BASIC,),
              etag=True, answers=shapes.Workflow),
    Operation("PUT", f"{_ONE}/source", "putSource", "Replace the text", put_source, "wf:run", "workflows",
              takes=(BASIC,), gives=(BASIC,), match="required", etag=True, programs=True, conflicts=True,
              answers=shapes.Workflow),
    Operation("GET", f"{_ONE}/tree", "getTree", "Read it as the designer draws it", tree, "wf:read", "workflows",
              answers=shapes.Tree, etag=True),
    Operation("POST", f"{_ONE}/validate", "validateWorkflow", "Say what is wrong with it", validate, "wf:read",
              "workflows", answers=shapes.Validation),
    Operation("POST", f"{_ONE}/edits", "editWorkflow", "Make a gesture of the designer", edit, "wf:run", "designer",
              body=shapes.Gesture, answers=shapes.Edited, match="required", etag=True, programs=True, conflicts=True,
              about="Made on an older state, it is made on the present one where the same lines stand unchanged; "
              "else 409 with the state that stands.",
              example={"op": "insert", "item": "say", "at": {"first": 0}}),
    Operation("POST", f"{_ONE}/undo", "undoEdit", "Take your last edit back", undo, "wf:run", "designer",
              answers=shapes.Edited, etag=True, programs=True, conflicts=True),
    Operation("POST", f"{_ONE}/redo", "redoEdit", "Make again what you took back", redo, "wf:run", "designer",
              answers=shapes.Edited, etag=True, programs=True, conflicts=True),
    Operation("GET", f"{_ONE}/versions", "listVersions", "List its versions", versions, "wf:read", "versions",
              answers=shapes.Versions),
    Operation("POST", f"{_ONE}/versions", "saveVersion", "Keep it as a version", save_version, "wf:run", "versions",
              body=shapes.Point, body_required=False, answers=shapes.Version, status=201, location=True,
              example={"name": "before the change"}),
    Operation("GET", f"{_ONE}/versions/{{version}}", "getVersion", "Read a version", version, "wf:read", "versions",
              answers=shapes.VersionWhole, etag=True),
    Operation("POST", f"{_ONE}/versions/{{version}}/restore", "restoreVersion", "Make the workflow what it was",
              restore, "wf:run", "versions", answers=shapes.Workflow, match="required", etag=True, conflicts=True),
    Operation("GET", f"{_ONE}/diff", "diffVersions", "Compare two versions", diff, "wf:read", "versions",
              query=shapes.Between, answers=shapes.Diff),
    Operation("POST", f"{_ONE}/publish", "publishWorkflow", "Let this be what runs under its name", publish, "wf:run",
              "versions", body=shapes.Point, body_required=False, answers=shapes.Version, match="optional",
              conflicts=True, programs=True, example={"name": "first"}),
    Operation("POST", f"{_ONE}/unpublish", "unpublishWorkflow", "Let nothing run under its name", unpublish, "wf:run",
              "versions", answers=shapes.Workflow, etag=True),
    Operation("POST", f"{_ONE}/executions", "startWorkflow", "Start the published version", start, "wf:run",
              "workflows", body=executions.StartNamed, body_required=False, answers=executions.Started, status=202,
              also={200: executions.Checked}, once=True, location=True, conflicts=True, programs=True,
              example={"inputs": {"name": "Ana"}}),
    Operation("POST", "/validate", "validateText", "Say what is wrong with a text", validate_text, "wf:read",
              "workflows", body=shapes.Text, answers=shapes.Validation, example={"source": _TEXT}),
)  # fmt: skip
