"""Keywords of other rooms that are on their way; each row goes when its function comes."""

from __future__ import annotations

from functools import partial

from keywords.library.announced import announced
from keywords.registry import Effect

_act = partial(announced, group="bots", effect=Effect.IDEMPOTENT)

KEYWORDS = (
    _act("GET A2A MESSAGES", summary="Messages of other bots.", example="GET A2A MESSAGES"),
    _act("SET USER FACT {key}, {value}", summary="Note a fact about the person.", example='SET USER FACT "city", city'),
    _act("USER FACTS", summary="The facts noted about the person.", example="USER FACTS"),
)
