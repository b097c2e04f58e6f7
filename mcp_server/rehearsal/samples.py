"""Values that a dialog could be given: by the type it asks for, and by what the name says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from keywords.host import Value
from keywords.inputs import converted
from keywords.mistakes import ProgramError
from keywords.program import Param
from keywords.values import Object, text

DAY = date(2026, 3, 2)
MOMENT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SPOKEN = {
    "EMAIL": "ana@example.com",
    "NAME": "Ana Souza",
    "INTEGER": "3",
    "NUMBER": "12.5",
    "MONEY": "49.90",
    "BOOLEAN": "yes",
    "DATE": "2026-03-02",
    "HOUR": "09:30",
    "TIME": "09:30",
    "MOBILE": "+15550100",
    "PHONE": "+15550100",
    "TELEPHONE": "+15550100",
    "ZIPCODE": "01310-100",
    "LANGUAGE": "English",
    "COLOR": "blue",
    "COLOUR": "blue",
    "URL": "https://example.com/page",
    "CPF": "529.982.247-25",
    "CNPJ": "11.444.777/0001-61",
    "CREDITCARD": "4111 1111 1111 1111",
    "UUID": "6f1d1c3e-4a57-4f0e-9a8e-2b6d1b0c7a11",
    "QRCODE": "https://example.com/qr",
    "FILE": "document.pdf",
    "IMAGE": "photo.png",
    "AUDIO": "voice.ogg",
    "VIDEO": "film.mp4",
    "LOGIN": "ana@example.com",
    "PASSWORD": "correct horse 7 B!",
}
_BY_NAME: Sequence[tuple[str, Value]] = (
    (r"e-?mail|(from|to|sender|reply)_?address", "ana@example.com"),
    (r"phone|mobile|whatsapp|tel$", "+15550100"),
    (r"(^|_)(is|has|can|was)_|active|enabled|granted|opted|approved|success|valid$", True),
    (r"(_at|date|since|until|deadline|birthday|_on|modified|created|updated|timestamp)$", MOMENT),
    (r"time$|hour$", "09:30"),
    (r"^(today|now|yesterday|tomorrow)$", MOMENT),
    (r"(^|_)host$|^(base|server|endpoint)", "https://example.com"),
    (r"url|link|website|href|image|photo|picture|thumb", "https://example.com/page.png"),
    (r"price|total|amount|cost|value|budget|balance|salary|revenue|sum$|fee$", 120.5),
    (r"count|qty|quantity|number$|score|age$|size$|days$|hours$|year|level|rank|stock|probability|percent|rate$", 7),
    (r"items|lines|list|rows|results|products|orders|tags|entries|data$|records", None),
    (r"status|state$", "active"),
    (r"stage$", "proposal"),
    (r"currency", "USD"),
    (r"city", "Lisbon"),
    (r"country", "Portugal"),
    (r"(^|_)id$|code$|key$|sku$|uuid$", "1"),
)


def unset(name: str) -> Value:
    """What a variable may hold that the settings or the host would have filled."""
    found = by_name(name)
    if re.fullmatch(r"admin\d*|user|owner|manager|sender|recipient|to|from", name.casefold()):
        return "ana@example.com"
    return found


def by_name(name: str) -> Value:
    """What a field or variable of this name may hold."""
    folded = name.casefold()
    for pattern, value in _BY_NAME:
        if re.search(pattern, folded):
            return value if value is not None else [Object(id="1", name="sample", quantity=2, price=120.5)]
    return f"sample {name}"


def by_type(kind: str, name: str) -> Value:
    """What a column or PARAM of this type may hold."""
    words = kind.casefold().strip("*")
    if words in ("boolean", "bool", "bit"):
        return True
    if words.startswith(("date", "timestamp")):
        return DAY if words == "date" else MOMENT
    if re.match(r"int|number|float|double|decimal|numeric|money|long|bigint|real", words):
        named = by_name(name)
        return named if isinstance(named, int | float) and not isinstance(named, bool) else 7
    if words in ("object", "json", "jsonb"):
        return Object(id="1", name="sample")
    if words in ("array", "list"):
        return [Object(id="1", name="sample", quantity=2, price=120.5)]
    named = by_name(name)
    return text(named) if not isinstance(named, list) else "sample"


def inputs(params: Sequence[Param], last: bool) -> Mapping[str, Any]:
    """A value for each PARAM: what it is LIKE, one of its options, its default, or one of its type."""
    given: dict[str, Any] = {}
    for param in params:
        if param.options:
            given[param.name] = param.options[-1 if last else 0]
        elif param.like is not None and _fits(param):
            given[param.name] = param.like
        elif param.default is not None:
            given[param.name] = param.default
        else:
            given[param.name] = by_type(param.type, param.name)
    return given


def _listed(prompt: str) -> list[str]:
    """What may be answered, where the question says so: "Which one? (lead, contact, account)"."""
    for inside in re.findall(r"\(([^()]{3,120})\)", prompt):
        parts = [part.strip().strip("\"'") for part in re.split(r",|/|\bor\b", inside) if part.strip()]
        if len(parts) > 1 and all(len(part) <= 25 and " e.g" not in f" {part}" for part in parts):
            return parts
    return []


def _fits(param: Param) -> bool:
    try:
        converted(param, param.like)
    except ProgramError:
        return False
    return True


def answers(expects: str, options: Sequence[str], prompt: str, choices: Sequence[str], turn: int, last: bool) -> str:
    """What a person could say to a question: `choices` are words that the program compares with."""
    if options:
        return options[(turn if not last else -1 - turn) % len(options)]
    kind = expects.upper().split()[0] if expects else ""
    if kind in SPOKEN:
        return "no" if last and kind == "BOOLEAN" else SPOKEN[kind]
    asked = prompt.casefold()
    if re.search(r"\byes\b|\(y/n\)|confirm|sure\?|\bsim\b", asked):
        return "no" if last else "yes"
    if listed := _listed(prompt):
        return listed[(turn if not last else -1 - turn) % len(listed)]
    if re.search(r"e-?mail", asked):
        return SPOKEN["EMAIL"]
    if re.search(r"how many|quantity|number|quant", asked):
        return "3"
    if re.search(r"\bdate\b|when|data\b", asked):
        return SPOKEN["DATE"]
    if re.search(r"phone|mobile|telefone", asked):
        return SPOKEN["PHONE"]
    if choices:
        return choices[(turn if not last else -1 - turn) % len(choices)]
    return "sample answer"
