"""Web sites as knowledge, tools offered to the model, and how the model answers."""

from __future__ import annotations

from functools import partial

from keywords.library.announced import announced
from keywords.registry import Effect

_act = partial(announced, group="knowledge", effect=Effect.IDEMPOTENT)
_ask = partial(announced, group="knowledge", effect=Effect.READ)

KEYWORDS = (
    _ask("WEBSITE OF {name:many}", summary="The address of a company's web site.", example='WEBSITE OF "Example Ltd"'),
    _act("OCR {image:many}", summary="The text in a picture.", example='OCR "scan.png"'),
    _act("DETECT {table}", summary="Find what is unusual in a table.", example='DETECT "payments"'),
    _act("DETECT FACES {image:many}", summary="Find the faces in a picture.", example='DETECT FACES "team.jpg"'),
    _act("IMAGE {prompt:many}", summary="Make a picture from a description.", example='IMAGE "A lighthouse at dawn"'),
    _act("VIDEO {prompt:many}", summary="Make a film from a description.", example='VIDEO "Waves on a beach"'),
    _act("AUDIO {text:many}", summary="Make sound from a text.", example='AUDIO "Welcome"'),
    _act("SEE {file:many}", summary="Describe what is in a picture.", example='SEE "photo.jpg"'),
    _act("GET IMAGE {prompt:many}", summary="Find or make a picture.", example='GET IMAGE "spring flowers"'),
)
