"""The page on which a workflow is drawn, and the gestures made there.

Each gesture answers with what differs from the state that its sender shows: cards, lines of code, what is told, and
`#stand`, which says which state it is now, what to say aloud and which card to put into the hands of the sender.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from designer.canvas import ICONS, Canvas
from designer.comparisons import ALONE, BLANK, HOW, SEVERAL
from designer.delta import Delta, canvas_delta, code_delta
from designer.document import Document
from designer.draft import Draft
from designer.forms import fields_of
from designer.house import House, Visit
from designer.known_names import event_fields, names_before
from designer.live import event
from designer.outline import Card, Outline, Way
from designer.package_saving import saved
from designer.palette import items, more
from designer.picking import Picking
from designer.publishing import Publishing, Unpublishable
from designer.refusals import Conflict, NotHere
from designer.slots import said
from designer.spoken import spoken
from designer.view import Problem, View, Views
from keywords import tree
from keywords.match import written
from keywords.mistakes import UnknownName

HEARTBEAT_SECONDS = 15.0
LONGEST_GESTURE = 400_000
SHOWS_FORM = frozenset({"insert", "duplicate", "wrap", "unwrap", "branch", "delete", "undo", "redo", "unbranch"})
BEGINS = frozenset({"insert", "duplicate", "wrap", "branch"})  # what is to be filled in next takes the focus


class Studio:
    """What the page's parts share: views of drafts, canvases by language, lists to pick from."""

    def __init__(self, house: House) -> None:
        doors = house.doors
        self._house = house
        self.views = Views(doors.registry, doors.check)
        self.picking = Picking(doors, time.monotonic)
        self._canvases: dict[str, Canvas] = {}

    def canvas(self, visit: Visit) -> Canvas:
        found = self._canvases.get(visit.language)
        if found is None:
            found = self._canvases[visit.language] = Canvas(self._house.templates, visit.say)
        return found

    def view(self, draft: Draft, document: Document | None = None) -> View:
        return self.views.of(document or draft.document, draft.origin)

    # -- pages ---------------------------------------------------------------------------------------------------------

    async def page(self, visit: Visit) -> Response:
        """The whole page."""
        draft = await self._draft(visit)
        view = self.view(draft)
        canvas = self.canvas(visit)
        return visit.page(
            "canvas/page.html",
            draft.name,
            section="workflows",
            draft=draft,
            view=view,
            flow=canvas.flow(view.root),
            items=items(visit.doors.registry),
            icons=ICONS,
            may_write=visit.caller.may("wf:run"),
            said="",
            focus=0,
            op="",
            errors=view.errors,
        )

    async def form(self, visit: Visit) -> Response:
        """The fields of a card or of a branch."""
        draft = await self._draft(visit)
        found = await self._form(visit, draft, self.view(draft), visit.asked("card"), begins=bool(visit.asked("begin")))
        return visit.part("canvas/form.html", **found)

    async def edit(self, visit: Visit) -> Response:
        """A gesture."""
        given = await visit.form()
        text = given.get("gesture", "")
        if len(text) > LONGEST_GESTURE:
            raise NotHere(visit.say("This is too much to put in at once."))
        try:
            gesture = json.loads(text)
        except ValueError:
            raise NotHere(visit.say("This is no gesture.")) from None
        if not isinstance(gesture, dict):
            raise NotHere(visit.say("This is no gesture."))
        drafts, id_ = visit.doors.drafts, visit.id()
        try:
            once = _once(given)
            made = await drafts.edit(visit.caller, id_, gesture, given.get("etag", ""), **once, meanwhile=self.view)
        except Conflict as conflict:
            if gesture.get("op") == "code":  # the page keeps what is typed beside what stands
                return Response(status_code=409, headers={"HX-Reswap": "none"})
            return await self._conflict(visit, conflict, given)
        if made.again:
            return await self._answer(visit, made.after, given, visit.say("It is saved"), made.edit.op, 0)
        said = spoken(made.edit, self.view(made.before).outline, self.view(made.after).outline, gesture, visit.say)
        return await self._answer(visit, made.after, given, said, made.edit.op, made.edit.focus, before=made.before)

    async def undo(self, visit: Visit) -> Response:
        return await self._back(visit, "undo")

    async def redo(self, visit: Visit) -> Response:
        return await self._back(visit, "redo")

    async def _back(self, visit: Visit, op: str) -> Response:
        given = await visit.form()
        drafts, id_ = visit.doors.drafts, visit.id()
        try:
            made = await (drafts.undo if op == "undo" else drafts.redo)(visit.caller, id_, **_once(given))
        except Conflict as conflict:
            return await self._conflict(visit, conflict, given)
        said = visit.say("Taken back") if op == "undo" else visit.say("Made again")
        outline = self.view(made.after).outline
        place = outline.document.places.get(made.edit.focus)
        if place is None and made.edit.change:  # it is gone: what stands there now, or above
            place = max(min(made.edit.change[-1].start, len(outline.document.lines)) - 1, 0)
        card = outline.at_line(place + 1) if place is not None else None
        return await self._answer(visit, made.after, given, said, op, card.id if card else 0, before=made.before)

    async def since(self, visit: Visit) -> Response:
        """What others have changed since the state that is shown."""
        draft = await self._draft(visit)
        given = {"seq": visit.asked("seq"), "card": visit.asked("card")}
        said = visit.say("{name} changed the workflow", name=draft.changed_by)
        return await self._answer(visit, draft, given, said if given["seq"] != str(draft.seq) else "", "since", 0)

    async def rename(self, visit: Visit) -> Response:
        """Another name."""
        given = await visit.form()
        draft = await visit.doors.drafts.rename(visit.caller, visit.id(), given.get("name", ""))
        said = visit.say("Now called {name}", name=draft.name)
        return await self._answer(visit, draft, given, said, "rename", 0)

    async def publish(self, visit: Visit) -> Response:
        """From now on this state is what runs."""
        given = await visit.form()
        try:
            version = await Publishing(visit.doors.drafts).publish(visit.caller, visit.id(), given.get("etag", ""))
        except Unpublishable as error:
            return visit.told(visit.say("It cannot be published yet: {why}", why=str(error)), 422)
        except Conflict as conflict:
            return await self._conflict(visit, conflict, given)
        draft = await self._draft(visit)
        said = visit.say(
            "Version {n} is published. It starts under the name {name}.", n=version.number, name=draft.name
        )
        return await self._answer(visit, draft, given, said, "publish", 0, told=said)

    async def save(self, visit: Visit) -> Response:
        """Into the package that it came from."""
        given = await visit.form()
        doors = visit.doors
        path = await saved(doors.drafts, doors.packages, visit.caller, visit.id(), overwrite="overwrite" in given)
        said = visit.say("Written to {name}", name=path.name)
        return await self._answer(visit, await self._draft(visit), given, said, "save", 0, told=said)

    async def delete(self, visit: Visit) -> Response:
        """The draft goes."""
        await visit.doors.drafts.delete(visit.caller, visit.id())
        return visit.see("/designer")

    async def words(self, visit: Visit) -> Response:
        """What the code completes and explains, and what the menu can put in besides the palette."""
        draft = await self._draft(visit)
        lists = await self.picking.lists(visit.caller, draft.origin, draft.source)
        keywords = [
            [k.name, written(k.forms[0]).replace(" :", ":"), k.summary, k.example]
            for k in visit.doors.registry
            if k.group != "internal" and not k.announced
        ]
        others = [[item.id, item.called, item.hint, item.words] for item in more(visit.doors.registry)]
        return JSONResponse({"keywords": keywords, "items": others, "bots": list(lists["bots"])[:500],
                             "events": list(lists["events"]), "models": list(lists["models"])})  # fmt: skip

    async def stream(self, visit: Visit) -> Response:
        """Tells when the draft has changed: events `draft` with its number of edits."""
        draft = await self._draft(visit)
        rung = asyncio.Event()
        topic = f"draft:{draft.id}"

        def hear(topics: frozenset[str]) -> None:
            if topic in topics or "*" in topics:
                rung.set()

        async def told() -> AsyncGenerator[str]:
            leave = visit.doors.hints.subscribe(hear)
            try:
                shown = -1
                while True:
                    now = await visit.doors.drafts.get(visit.caller, draft.id)
                    if now.seq != shown:
                        shown = now.seq
                        yield event("draft", {"seq": now.seq, "by": now.changed_by})
                    try:
                        await asyncio.wait_for(rung.wait(), HEARTBEAT_SECONDS)
                    except TimeoutError:
                        yield ": still here\n\n"
                    rung.clear()
            except UnknownName:
                yield event("gone", {})
            finally:
                leave()

        return StreamingResponse(told(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    # -- answers -------------------------------------------------------------------------------------------------------

    async def _draft(self, visit: Visit) -> Draft:
        return await visit.doors.drafts.get(visit.caller, visit.id())

    async def _answer(
        self, visit: Visit, draft: Draft, given: dict[str, str], said: str, op: str, focus: int, told: str = "",
        before: Draft | None = None,
    ) -> Response:  # fmt: skip
        """What differs from the state that is shown, which most often is the one right `before`."""
        view = self.view(draft)
        canvas = self.canvas(visit)
        delta = Delta()
        seq = given.get("seq", "")
        same = before is not None and seq == str(before.seq)
        shown = before.document if before is not None and same else await self._shown(visit, draft, seq)
        if shown is None:
            delta.inner("flow", canvas.flow(view.root))
            delta.inner("code", visit.text("canvas/code.html", view=view))
        else:
            old = self.view(draft, shown)
            canvas_delta(delta, canvas, old.root, view.root)
            code_delta(delta, old.lines, view.lines)
        if shown is None or self.view(draft, shown).problems != view.problems:
            delta.inner("problems", visit.text("canvas/problems.html", view=view))
        card = given.get("card", "")
        if op in SHOWS_FORM and focus and focus in view.outline.cards and card != f"n{focus}":
            fields = await self._form(visit, draft, view, f"n{focus}", begins=op in BEGINS)
            delta.inner("form", visit.text("canvas/form.html", **fields))
        elif card and (shown is None or self._asks(self.view(draft, shown), card) != self._asks(view, card)):
            delta.morph("form", visit.text("canvas/form.html", **await self._form(visit, draft, view, card)))
        if told:
            delta.inner("told", visit.text("canvas/good.html", words=told))
        stand = visit.text("canvas/stand.html", draft=draft, said=said, focus=focus, op=op, errors=view.errors)
        delta.replace("stand", stand)
        return Response(delta.html, media_type="text/html", headers={"ETag": f'"{draft.etag}"'})

    async def _shown(self, visit: Visit, draft: Draft, seq: str) -> Document | None:
        if not seq.isdecimal() or len(seq) > 15:
            return None
        return await visit.doors.drafts.at(visit.caller, draft, int(seq))

    async def _conflict(self, visit: Visit, conflict: Conflict, given: dict[str, str]) -> Response:
        """Both versions, side by side; nothing is overwritten and nothing that was typed is lost."""
        draft = conflict.now if isinstance(conflict.now, Draft) else await self._draft(visit)
        piece = visit.part("canvas/conflict.html", 409, words=str(conflict), mine=conflict.mine, theirs=draft.source)
        piece.headers.update({"HX-Retarget": "#told", "HX-Reswap": "innerHTML"})
        return piece

    def _asks(self, view: View, name: str) -> object:
        """All that the form of a card says."""
        owner = _named(view.outline, name)
        if owner is None:
            return None
        fields = fields_of(view.outline, owner, self._house.doors.registry)
        return fields, self._told(view, owner), owner.start - owner.end, isinstance(owner, Card) and len(owner.ways)

    def _told(self, view: View, owner: Card | Way) -> list[Problem]:
        isway = isinstance(owner, Way)
        return [p for p in view.problems if (p.way == owner.id if isway else p.card == owner.id and not p.way)]

    async def _form(self, visit: Visit, draft: Draft, view: View, name: str, *, begins: bool = False) -> dict[str, Any]:
        outline, registry = view.outline, visit.doors.registry
        owner = _named(outline, name)
        if owner is None:
            return {"owner": None, "fields": (), "lists": {}, "face": None, "problems": ()}
        fields = fields_of(outline, owner, registry)
        picked = {field.picked for field in fields if field.picked}
        lists = dict(await self.picking.lists(visit.caller, draft.origin, draft.source))
        lists["variables"] = names = names_before(outline, owner, registry)
        lists["given"] = [f"= {name}" for name in names]
        lists["columns"] = await self._columns(visit, outline, owner) if any(f.name == "where" for f in fields) else ()
        if any(field.lines is not None for field in fields):
            picked |= {"given", "columns" if lists["columns"] else "variables"}
        if any(field.kind == "formula" for field in fields):
            picked.add("variables")
        ids = outline.document.ids
        isway = isinstance(owner, Way)
        last = (owner.start + owner.line.lines if isway and owner.line else owner.end) - 1
        return {
            "owner": owner,
            "etag": view.document.etag,
            "begins": begins,
            "asked": HOW,
            "alone": ALONE,
            "several": SEVERAL,
            "blank": BLANK,
            "columns": lists["columns"],
            "isway": isway,
            "fields": fields,
            "lists": {name: lists.get(name, ()) for name in picked},
            "problems": self._told(view, owner),
            "first": ids[owner.start] if owner.start < len(ids) else 0,
            "last": ids[min(last, len(ids) - 1)],
            "face": None if isway else self._face(view, owner.id),
            "icons": ICONS,
            "may_write": visit.caller.may("wf:run"),
        }

    async def _columns(self, visit: Visit, outline: Outline, owner: Card | Way) -> Sequence[str]:
        """What the WHERE of an event may look at: the fields that it came with, or is published with here."""
        found = said(owner.line, visit.doors.registry) if owner.line is not None else None
        name = found.slot("name") or found.slot("event") if found is not None else None
        if name is None or not isinstance(name.value, tree.Literal) or not name.value.value:
            return ()
        event_name = str(name.value.value)
        known = await self.picking.fields(visit.caller, event_name)
        return list(dict.fromkeys((*event_fields(outline, event_name, visit.doors.registry), *known)))

    def _face(self, view: View, number: int) -> Any:
        return next((card.face for top in view.root.cards for card in top if card.id == number), None)


def _named(outline: Outline, name: str) -> Card | Way | None:
    """The card `n12` or the branch `w12`."""
    if not name[1:].removeprefix("-").isdecimal() or len(name) > 15:
        return None
    number = int(name[1:])
    return outline.ways.get(number) if name[:1] == "w" else outline.cards.get(number)


def _once(given: Mapping[str, str]) -> dict[str, Any]:
    """By what a gesture is known that a page sends until it hears an answer, and whether it sent it before."""
    return {"key": given.get("key", "")[:64], "again": "again" in given}


def routes(house: House) -> list[Route]:
    """The page of a draft and all that is done on it."""
    studio = Studio(house)
    at, write = "/workflows/{id}", "wf:run"
    return [
        house.route(at, studio.page),
        house.route(f"{at}/form", studio.form),
        house.route(f"{at}/words", studio.words),
        house.route(f"{at}/since", studio.since),
        house.route(f"{at}/stream", studio.stream),
        house.route(f"{at}/edits", studio.edit, ("POST",), write),
        house.route(f"{at}/undo", studio.undo, ("POST",), write),
        house.route(f"{at}/redo", studio.redo, ("POST",), write),
        house.route(f"{at}/rename", studio.rename, ("POST",), write),
        house.route(f"{at}/publish", studio.publish, ("POST",), write),
        house.route(f"{at}/package", studio.save, ("POST",), "admin"),
        house.route(f"{at}/delete", studio.delete, ("POST",), write),
    ]
