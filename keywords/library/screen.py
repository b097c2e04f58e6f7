"""What a conversation shows besides text: suggestions, switches, media; journalled, and shown by who shows the chat.

An entry is an object `{show, ...}`: {"show": "suggestion", "label", "says" | "tool" | "context"}, {"show": "switcher",
"name", "label"}, {"show": "media", "file"}, {"show": "clear", "what"}, {"show": "setting", "name", "value"}.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from keywords.function import whole, words
from keywords.host import Moment, Recorded, Value
from keywords.mistakes import WrongValue
from keywords.registry import Effect, keyword
from keywords.values import Object, plain, text

_shows: Any = partial(keyword, effect=Effect.RECORD, group="screen", value=False)


def _shown(show: str, **entry: Value) -> Recorded:
    return Recorded(Object(show=show, **entry))


@_shows("ADD SUGGESTION {context} [AS {label}]", example='ADD SUGGESTION "billing" AS "A question about my bill"')
def add_suggestion(moment: Moment, context: Value, label: Value = None) -> Recorded:
    """Offer a button; pressing it says the label and brings in the context."""
    said = words(context if label is None else label)
    return _shown("suggestion", label=said, says=said, context=words(context))


@_shows("ADD SUGGESTION TEXT {text} AS {label}", example='ADD SUGGESTION TEXT "yes" AS "Yes, please"')
def add_suggestion_text(moment: Moment, text: Value, label: Value) -> Recorded:
    """Offer a button that says a text."""
    return _shown("suggestion", label=words(label), says=words(text))


@_shows("ADD SUGGESTION TOOL {tool} AS {label}", example='ADD SUGGESTION TOOL "enrolment" AS "Enrol"')
def add_suggestion_tool(moment: Moment, tool: Value, label: Value) -> Recorded:
    """Offer a button that runs a tool."""
    return _shown("suggestion", label=words(label), says=words(label), tool=words(tool))


@_shows("CLEAR SUGGESTIONS", example="CLEAR SUGGESTIONS")
def clear_suggestions(moment: Moment) -> Recorded:
    """Take all buttons away."""
    return _shown("clear", what="suggestions")


@_shows("ADD SWITCHER {name} AS {label}", example='ADD SWITCHER "tables" AS "Show tables"')
def add_switcher(moment: Moment, name: Value, label: Value) -> Recorded:
    """Offer a switch between ways to answer."""
    return _shown("switcher", name=words(name), label=words(label))


@_shows("CLEAR SWITCHERS", example="CLEAR SWITCHERS")
def clear_switchers(moment: Moment) -> Recorded:
    """Take all switches away."""
    return _shown("clear", what="switchers")


@_shows("SET MAX LINES {count}", example="SET MAX LINES 20")
def set_max_lines(moment: Moment, count: Value) -> Recorded:
    """Limit how many lines of an answer are shown at once."""
    lines = whole(count)
    if lines < 1:
        raise WrongValue(f"SET MAX LINES needs a number from 1, not {lines}.")
    return _shown("setting", name="max lines", value=lines)


@_shows("SET ANSWER MODE {mode}", example='SET ANSWER MODE "sql"')
def set_answer_mode(moment: Moment, mode: Value) -> Recorded:
    """Choose how questions are answered: from documents, or from tables ("sql")."""
    return _shown("setting", name="answer mode", value=text(mode))


@_shows("SET PAGE MODE {mode}", example='SET PAGE MODE "auto"')
def set_page_mode(moment: Moment, mode: Value) -> Recorded:
    """Say whether all pages of a paged HTTP answer are wanted, or only the first."""
    return _shown("setting", name="page mode", value=text(mode))


@_shows("PLAY {file} [WITH OPTIONS {options}]", example='PLAY "tour.mp4"')
def play(moment: Moment, file: Value, options: Value = None) -> Recorded:
    """Show or play a picture, film, sound or document."""
    return _shown("media", file=text(file), options=plain(options) if options is not None else None)


@_shows("STOP", example="STOP")
def stop(moment: Moment) -> Recorded:
    """Stop what is playing."""
    return _shown("clear", what="media")


@_shows("PAUSE", example="PAUSE")
def pause(moment: Moment) -> Recorded:
    """Pause what is playing."""
    return _shown("setting", name="playing", value=False)


@_shows("RESUME", example="RESUME")
def resume(moment: Moment) -> Recorded:
    """Go on playing."""
    return _shown("setting", name="playing", value=True)


@keyword(
    "CARD {image}, {text} [, {style} [, {count}]]",
    "CARD {image}, {text} [, {style} [, {count}]] TO {variable:name}",
    effect=Effect.RECORD,
    example='CARD "spring.png", "Spring sale"',
    group="screen",
)
def card(
    moment: Moment, image: Value, text: Value, style: Value = None, count: Value = None, variable: str = ""
) -> Recorded:
    """Show a card of a picture and a text; answers it as `{show, image, text, style}`. c = CARD ... keeps it."""
    return _shown("card", image=words(image), text=words(text), style=None if style is None else words(style))


KEYWORDS = (
    add_suggestion,
    add_suggestion_text,
    add_suggestion_tool,
    clear_suggestions,
    add_switcher,
    clear_switchers,
    set_max_lines,
    set_answer_mode,
    set_page_mode,
    play,
    stop,
    pause,
    resume,
    card,
)
