"""What a conversation shows besides text: suggestions, switchers, cards, media."""

from __future__ import annotations

from functools import partial

from keywords.library.announced import announced
from keywords.registry import Effect

_act = partial(announced, group="screen", effect=Effect.IDEMPOTENT, value=False)

KEYWORDS = (
    _act(
        "ADD SUGGESTION {context} [AS {label}]",
        summary="Offer a button; pressing it says the label and brings in the context.",
        example='ADD SUGGESTION "billing" AS "A question about my bill"',
    ),
    _act(
        "ADD SUGGESTION TEXT {text} AS {label}",
        summary="Offer a button that says a text.",
        example='ADD SUGGESTION TEXT "yes" AS "Yes, please"',
    ),
    _act(
        "ADD SUGGESTION TOOL {tool} AS {label}",
        summary="Offer a button that runs a tool.",
        example='ADD SUGGESTION TOOL "enrolment" AS "Enrol"',
    ),
    _act("CLEAR SUGGESTIONS", summary="Take all buttons away.", example="CLEAR SUGGESTIONS"),
    _act(
        "ADD SWITCHER {name} AS {label}",
        summary="Offer a switch between ways to answer.",
        example='ADD SWITCHER "tables" AS "Show tables"',
    ),
    _act("CLEAR SWITCHERS", summary="Take all switches away.", example="CLEAR SWITCHERS"),
    _act("SET MAX LINES {count}", summary="Limit how many lines an answer may have.", example="SET MAX LINES 20"),
    _act(
        "SET ANSWER MODE {mode}",
        summary='Choose how questions are answered: from documents, or from tables ("sql").',
        example='SET ANSWER MODE "sql"',
    ),
    _act(
        "SET PAGE MODE {mode}",
        summary="Fetch all pages of a paged HTTP answer, or only the first.",
        example='SET PAGE MODE "auto"',
    ),
    _act(
        "CARD {parts:many} TO {variable:name}",
        summary="Make a card of a picture and a text.",
        example='CARD image, "Spring sale" TO card',
    ),
    _act(
        "PLAY {file} [WITH OPTIONS {options}]",
        summary="Show or play a picture, film, sound or document.",
        example='PLAY "tour.mp4"',
    ),
    _act("STOP", summary="Stop what is playing.", example="STOP"),
    _act("PAUSE", summary="Pause what is playing.", example="PAUSE"),
    _act("RESUME", summary="Go on playing.", example="RESUME"),
)
