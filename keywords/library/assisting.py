"""What a language model tells an attendant or a seller: moods, tips, better words, replies, scores, rows out of texts.

A conversation is told by its text: a message, a list of messages, or whatever a program has of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keywords.encode import dump_text, plain
from keywords.function import items, words
from keywords.host import Host, Told, Value
from keywords.library.tables import tables_of
from keywords.library.writing import URGENCIES, asked
from keywords.mistakes import BadAnswer, WrongValue
from keywords.operators import calculable
from keywords.registry import Effect, Keyword, keyword
from keywords.values import List, Object, is_container, is_number, text

GROUP = "desk"
GRADES = ((80, "A"), (60, "B"), (40, "C"), (0, "D"))
EMOJIS = {"positive": "😊", "neutral": "😐", "negative": "😟"}
_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT, "maxItems": 10}


def _schema(**fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _subject(*given: Value) -> str:
    """What is known, as one text."""
    told = [dump_text(plain(one)) if is_container(one) else text(one) for one in given if one is not None]
    return "\n".join(one for one in told if one.strip())


def _nothing(message: Value) -> bool:
    """Whether nobody has said anything yet: there is nothing to ask a model about."""
    return not _subject(message).strip()


async def _asked(host: Host, instruction: str, subject: str, schema: Mapping[str, Any]) -> Told:
    told = await asked(host, instruction, subject, schema)
    if not isinstance(told.value, Object):
        raise BadAnswer("The model did not answer in the form that was asked for.")
    return told


@keyword(
    "ANALYZE SENTIMENT {message}",
    "ANALYZE SENTIMENT {session}, {message}",
    effect=Effect.IDEMPOTENT,
    example="ANALYZE SENTIMENT message",
    group=GROUP,
)
async def analyze_sentiment(host: Host, message: Value, session: Value = None) -> Told:
    """How a customer feels: `{overall, score, urgency, escalation_risk, emoji}`; the score is between -1 and 1."""
    if _nothing(message):
        calm = Object(overall="neutral", score=0, urgency="low", escalation_risk="low", emoji=EMOJIS["neutral"])
        return Told(calm, {})
    schema = _schema(
        overall={"type": "string", "enum": list(EMOJIS)},
        score={"type": "number", "minimum": -1, "maximum": 1},
        urgency={"type": "string", "enum": list(URGENCIES)},
        escalation_risk={"type": "string", "enum": ["low", "medium", "high"]},
    )
    told = await _asked(host, "Judge how the customer who wrote the text feels.", _subject(message), schema)
    return Told(Object(told.value, emoji=EMOJIS.get(text(told.value.get("overall")), "")), told.aside)


@keyword(
    "GET TIPS {message}", "GET TIPS {session}, {message}", effect=Effect.IDEMPOTENT, example="GET TIPS message",
    group=GROUP,
)  # fmt: skip
async def get_tips(host: Host, message: Value, session: Value = None) -> Told:
    """What an attendant might do next: `{success, items}`."""
    if _nothing(message):
        return Told(Object(success=True, items=List()), {})
    told = await _asked(
        host, "Give the attendant of the conversation up to five short tips.", _subject(message), _schema(items=_TEXTS)
    )
    return Told(Object(success=True, items=told.value["items"]), told.aside)


@keyword(
    "POLISH MESSAGE {message}",
    "POLISH MESSAGE {session}, {message} [, {style}]",
    effect=Effect.IDEMPOTENT,
    example="POLISH MESSAGE draft",
    group=GROUP,
)
async def polish_message(host: Host, message: Value, session: Value = None, style: Value = None) -> Told:
    """An attendant's answer in better words: `{polished, changes}`."""
    manner = f" in this style: {words(style)[:200]}" if style is not None else ""
    instruction = f"Put the attendant's message into friendlier and clearer words{manner}, in its own language."
    return await _asked(host, instruction, _subject(message), _schema(polished=_TEXT, changes=_TEXTS))


@keyword(
    "GET SMART REPLIES {message}",
    "GET SMART REPLIES {session}, {message}",
    effect=Effect.IDEMPOTENT,
    example="GET SMART REPLIES message",
    group=GROUP,
)
async def get_smart_replies(host: Host, message: Value, session: Value = None) -> Told:
    """Answers an attendant might give: `{items}`, at most three."""
    if _nothing(message):
        return Told(Object(items=List()), {})
    replies = {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": 3}
    return await _asked(host, "Suggest short replies of an attendant.", _subject(message), _schema(items=replies))


@keyword("AI SCORE LEAD {lead} [, {rules}]", effect=Effect.IDEMPOTENT, example="AI SCORE LEAD lead", group=GROUP)
async def ai_score_lead(host: Host, lead: Value, rules: Value = None) -> Told:
    """How promising a lead is, by the model: `{score, grade, qualified, reason}`; the score is between 0 and 100."""
    by = f" Judge by these rules: {_subject(rules)[:2000]}." if rules is not None else ""
    schema = _schema(score={"type": "integer", "minimum": 0, "maximum": 100}, reason=_TEXT)
    told = await _asked(
        host, f"Score how promising the lead is as a customer, from 0 to 100.{by}", _subject(lead), schema
    )
    score = told.value["score"]
    return Told(
        Object(score=score, grade=_grade(score), qualified=score >= 60, reason=told.value["reason"]), told.aside
    )


@keyword("SCORE LEAD {lead} [, {rules}]", effect=Effect.READ, example="SCORE LEAD lead", group=GROUP)
async def score_lead(host: Host, lead: Value, rules: Value = None) -> Value:
    """How promising a lead is, by rules: `{score, grade, status, qualified}`.

    `rules` say how much each field of the lead is worth when it is filled, such as {email: 20, budget: 40}; without
    them it is 25 each for an address, a telephone number, a company and a budget.
    """
    return _scored(lead, rules)


@keyword("QUALIFY LEAD {lead} [, {threshold}]", effect=Effect.READ, example="QUALIFY LEAD lead", group=GROUP)
async def qualify_lead(host: Host, lead: Value, threshold: Value = None) -> Value:
    """Whether a lead is worth a call: `{qualified, score, grade, status}`; by SCORE LEAD and a threshold, 60."""
    scored = _scored(lead, None)
    least = 60 if threshold is None else calculable(threshold)
    if least is None:
        raise WrongValue("The threshold of QUALIFY LEAD is a number between 0 and 100.")
    qualified = scored["score"] >= least
    return Object(scored, qualified=qualified, status="qualified" if qualified else "nurture")


@keyword(
    "SAVE FROM UNSTRUCTURED {table}, {content}",
    effect=Effect.IDEMPOTENT,
    example='SAVE FROM UNSTRUCTURED "leads", mail',
    group="tables",
)
async def save_from_unstructured(host: Host, table: Value, content: Value) -> Value:
    """Store a row that stands in a text, and answer it. JSON is taken as it is; other texts are read by the model."""
    tables, name = tables_of(host), words(table)
    rows = _rows_in(content)
    if rows is None:
        columns = list(await tables.columns(host.identity, name))
        if not columns:
            return await tables.added(host.moment, name, [await _freely(host, content)], replace=True)
        fields = {column: {"type": ["string", "number", "boolean", "null"]} for column in columns[:60]}
        instruction = (
            f"Read the values of a row of the table {name[:80]} out of the text. What it does not say is null."
        )
        told = await _asked(host, instruction, _subject(content), _schema(**fields))
        rows = [Object((key, value) for key, value in told.value.items() if value is not None)]
    return await tables.added(host.moment, name, rows, replace=True)


async def _freely(host: Host, content: Value) -> Object:
    """A row of a table that has no columns yet: whatever the text says, by names of the model's own."""
    pair = _schema(name=_TEXT, value={"type": ["string", "number", "boolean"]})
    found = {"type": "array", "items": pair, "minItems": 1, "maxItems": 40}
    instruction = "Read the facts of the text as fields of a row, with short lower-case names joined by underscores."
    told = await _asked(host, instruction, _subject(content), _schema(fields=found))
    fields = [one for one in items(told.value["fields"]) if isinstance(one, Object)]
    return Object((words(one["name"])[:60], one["value"]) for one in fields)


def _rows_in(content: Value) -> list[Object] | None:
    """The rows that the content is already."""
    given = content
    if isinstance(given, str) and given.lstrip().startswith(("{", "[")):
        from keywords.inputs import loosely
        from keywords.mistakes import ProgramError

        try:
            given = loosely(given)
        except ProgramError:
            return None
    if isinstance(given, Object):
        return [given]
    if isinstance(given, list) and given and all(isinstance(row, Object) for row in items(given)):
        return list(items(given))
    return None


def _scored(lead: Value, rules: Value) -> Object:
    if not isinstance(lead, Object):
        raise WrongValue('A lead is an object such as {name: "Ana", email: "ana@example.com"}.')
    filled = {name.casefold() for name, value in lead.items() if value not in (None, "", 0, False)}
    worth = rules if isinstance(rules, Object) else Object(email=25, phone=25, company=25, budget=25)
    score = sum(value for name, value in worth.items() if is_number(value) and name.casefold() in filled)
    score = int(max(0, min(100, score)))
    status = "hot" if score >= 80 else "warm" if score >= 50 else "cold"
    return Object(score=score, grade=_grade(score), status=status, qualified=score >= 60)


def _grade(score: int | float) -> str:
    return next(grade for least, grade in GRADES if score >= least)


KEYWORDS: tuple[Keyword, ...] = (
    analyze_sentiment,
    get_tips,
    polish_message,
    get_smart_replies,
    ai_score_lead,
    score_lead,
    qualify_lead,
    save_from_unstructured,
)
