"""Says what is wrong with a line that the grammar refuses: the word that is not a keyword, or what is missing where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from keywords.alike import PREFIX, likeness
from keywords.levels import Levels
from keywords.phrases import OPERATORS, Lexicon, Phrase, label
from keywords.scan import Word
from keywords.tokens import Opened, Problem, Token
from keywords.tree import Literal, Span, Template

ALIKE = 0.74
CLOSE = PREFIX  # where the words before the fault are a keyword already
SLIP = 0.9  # where the line would mean something else
NEVER = 2.0
FOREIGN = {
    "DIM": "A variable begins with its first value; [] makes a list.",
    "REDIM": "Lists grow by themselves: PUSH list, value.",
    "VAR": "Write name = value.",
    "CONST": "Write name = value.",
    "LOCAL": "Write name = value; names of a SUB are its own.",
    "INPUT": "Write HEAR name, or HEAR name AS INTEGER.",
    "GOSUB": "Write CALL name, and SUB name .. END SUB around what it does.",
    "REPEAT": "Write DO .. LOOP UNTIL condition.",
    "UNTIL": "Write DO .. LOOP UNTIL condition.",
    "ELIF": "Write ELSE IF condition THEN.",
    "END": "EXIT ends the program.",
    "FINALLY": "TRY knows CATCH only; what stands behind END TRY runs in either case.",
}  # of other BASICs
NO_HINT = "The reference lists all keywords; a value is assigned with name = value."
RESERVED = OPERATORS | {"NOT", "NULL", "TRUE", "FALSE"}
_OPERATORS = frozenset({"PLUS", "MINUS", "TIMES", "POWER", "COMPARE", "EQUALS", "AND", "OR", "NULLISH", "NOT", "BANG"})
_OPERANDS = frozenset({"NAME", "LITERAL", "LPAR", "LSQB", "LBRACE", "VERB", "CALLED"})
_ENDS = frozenset({"RPAR", "RSQB", "RBRACE", "END", "$END"})
_WAITING = _OPERATORS | {"COMMA", "LPAR", "LSQB", "CALL", "CALLED", "INDEX", "SEPARATOR", "COMMAND", "VERB", "ASSIGN"}


def unexpected(token: Token, lexer: Levels, statement: bool) -> Problem:
    """The problem of a line that ends, for the grammar, at this token."""
    at = len(lexer.text) + lexer.base if token.type == "$END" else token.start
    before = [t for t in lexer.tokens if t.start < t.end <= at and t is not token]
    previous = before[-1] if before else None
    known = foreign(lexer.words, at) or _label(lexer.words) if statement else None
    unknown = known or misspelt(lexer.words, at, lexer.lexicon)
    if unknown is not None:
        return unknown
    if statement and token.type in _OPERANDS and len(before) == 1 and before[0].type == "NAME":
        return no_keyword(lexer.words[0])
    known = _statement_only(lexer.words, at, lexer.lexicon) or _clause(token, before, lexer)
    return known or _misplaced(token, previous, len(before), at, lexer)


def misspelt(line: Sequence[Word], at: int, words: Lexicon) -> Problem | None:
    """The keyword that was probably meant, when words before this place are nearly one."""
    best: tuple[float, int, int, str] | None = None
    for start in _starts(line, at):
        run = _run(line, start)
        known = max((size for _, size in words.spelt(line, start)), default=0) if run else 0
        for size in range(known + 1, len(run) + 1):
            given = " ".join(word.upper for word in run[:size])
            beyond = run[size - 1].start > at  # `HUMAN APROVAL FROM`: the fault is the second word
            least, other = (SLIP, NEVER) if beyond else (CLOSE, NEVER) if known else (ALIKE, CLOSE)
            for ratio, phrase in words.spellings.near(given, size, least, other):
                if best is None or (ratio, size) > best[:2]:
                    best = (ratio, size, start, phrase)
    if best is None:
        return None
    _, size, start, phrase = best
    return _meant(line[start : start + size], phrase, words)


def slip(line: Sequence[Word], start: int, known: int, words: Lexicon) -> Problem | None:
    """A longer keyword with one slip of the pen, where a shorter one would swallow its words: `GET BOT MEMRY "k"`."""
    run: list[Word] | None = None
    for spelt in words.beginning(line[start].upper):
        if len(spelt) >= known + 2:
            run = run if run is not None else _run(line, start)
            given = " ".join(word.upper for word in run[: len(spelt)])
            if len(run) >= len(spelt) and likeness(given, " ".join(spelt), SLIP) >= SLIP:
                return _meant(run[: len(spelt)], " ".join(spelt), words)
    return None


def _meant(run: Sequence[Word], phrase: str, words: Lexicon) -> Problem:
    given = " ".join(word.text for word in run)
    span = Span(run[0].start, run[-1].end)
    return Problem(span, f"{given} is not a keyword.", f"Did you mean {words.shown(phrase)}?")


def _label(line: Sequence[Word]) -> Problem | None:
    """Lines that need a colon."""
    if label(line) is not None:
        return None
    first = line[0]
    span = Span(first.start, first.end)
    if re.fullmatch(r"STEP[0-9]*", first.upper):
        return Problem(span, "STEP needs a number and a colon.", 'Write STEP 1: BOT "name" "message".')
    if first.upper == "BRANCH":
        return Problem(span, "BRANCH needs a name and a colon.", 'Write BRANCH A: BOT "name" "message".')
    if first.upper == "ON" and len(line) > 1 and line[1].upper == "TIMEOUT":
        fix = 'Write ON TIMEOUT: ESCALATE TO "name", ON TIMEOUT: APPROVE or ON TIMEOUT: REJECT.'
        return Problem(Span(first.start, line[1].end), "ON TIMEOUT needs to know what shall happen.", fix)
    return None


def foreign(line: Sequence[Word], at: int) -> Problem | None:
    """What other BASICs know and this one writes differently."""
    first, second = line[0], line[1] if len(line) > 1 else None
    span = Span(first.start, first.end)
    if first.upper in FOREIGN and first.kind == "name" and (second is None or second.text not in ("=", ".", "(")):
        return Problem(span, f"{first.text} is not a keyword.", FOREIGN[first.upper])
    signs = [word for word in line if word.start >= at - 1][:2]
    texts = [word.text for word in signs]
    if len(texts) == 2 and len(line) > 1 and line[1] in signs and not signs[1].gap:
        if texts[0] in ("+", "-", "*", "/") and texts[1] == "=":
            fix = f"Write {first.text} = {first.text} {texts[0]} .."
            return Problem(Span(signs[0].start, signs[1].end), f"`{texts[0]}=` is not known.", fix)
        if texts in (["+", "+"], ["-", "-"]):
            fix = f"Write {first.text} = {first.text} {texts[0]} 1."
            return Problem(Span(signs[0].start, signs[1].end), f"`{''.join(texts)}` is not known.", fix)
    return None


def no_keyword(word: Word) -> Problem:
    """A line that begins with a word nobody knows."""
    return Problem(Span(word.start, word.end), f"{word.text} is not a keyword.", NO_HINT)


def _misplaced(token: Token, previous: Token | None, count: int, at: int, lexer: Levels) -> Problem:
    end = token.type == "$END"
    here = Span(max(at - 1, 0), at) if end else Span(token.start, max(token.end, token.start + 1))
    after = _shown(previous, lexer) if previous is not None else "the start of the line"
    if token.type in _ENDS:
        return Problem(here, f"Something is missing after {after}.", "Write the rest of it.")
    shown = _shown(token, lexer)
    if token.type == "COMPARE" and count == 1:
        return Problem(here, f"{shown} compares; it does not assign.", "Write name = value.")
    if previous is not None and previous.type in _WAITING and token.type not in _OPERANDS:
        return Problem(here, f"Between {after} and {shown} a value is missing.", "Write it.")
    if token.type == "COLON":
        return Problem(here, "`:` does not separate statements.", "Write each on a line of its own.")
    if token.type == "EQUALS":
        return Problem(here, "Only a name, a field or an element can be assigned to.", "Write name = value.")
    if previous is not None and previous.type not in _OPERATORS and token.type in _OPERANDS:
        return Problem(here, f"Between {after} and {shown} an operator or a comma is missing.", "Join texts with `+`.")
    return Problem(here, f"{shown} is not expected after {after}.", "Remove it.")


def _clause(token: Token, before: Sequence[Token], lexer: Levels) -> Problem | None:
    """`WAIT FOR EVENT "x" TIMOUT 5`: a word where a clause of the keyword may stand."""
    if token.type != "NAME" or not before or before[-1].type in _WAITING:
        return None
    word, span = str(token.value).upper(), Span(token.start, token.end)
    for opened in reversed([t.value for t in before if t.type in ("COMMAND", "VERB") and isinstance(t.value, Opened)]):
        clauses = list(_clauses(opened.phrase))
        begun = [clause for clause in clauses if clause.split()[0] == word]
        if begun:
            return Problem(span, f"{token.value} alone means nothing here.", f"Write {' or '.join(begun)}.")
        near = get_close_matches(word, clauses, n=1, cutoff=0.7)
        if near:
            shown = opened.phrase.text
            return Problem(span, f"{shown} does not know the word {token.value}.", f"Did you mean {near[0]}?")
    return None


def _clauses(phrase: Phrase) -> Iterator[str]:
    for openings in phrase.clauses.values():
        yield from (" ".join(opening.words) for opening in openings)


def _starts(line: Sequence[Word], at: int) -> list[int]:
    """Where a misspelt keyword may begin: at the start of the statement, or of the words before the fault."""
    starts = [0]
    if len(line) > 2 and line[0].upper in ("STEP", "BRANCH"):
        starts = [k + 1 for k in range(min(len(line) - 1, 8)) if line[k].text == ":"] or [0]
    index = next((k for k, word in enumerate(line) if word.start >= at), len(line) - 1)
    if index > 0 and line[index].kind != "name":
        index -= 1
    begin = index
    while begin > max(0, index - 4) and line[begin - 1].kind == "name" and line[begin].kind == "name":
        begin -= 1
    return list(dict.fromkeys([*starts, *range(begin, index + 1)]))


def _run(line: Sequence[Word], start: int) -> list[Word]:
    run: list[Word] = []
    for word in line[start : start + 5]:
        if word.kind != "name" or word.upper in RESERVED:
            break
        run.append(word)
    return run


def _statement_only(line: Sequence[Word], at: int, words: Lexicon) -> Problem | None:
    """`x = TALK "hi"`: a keyword that answers nothing."""
    for k, word in enumerate(line):
        if k and word.kind == "name" and word.end <= at:
            for phrase, size in words.spelt(line, k):
                if not phrase.value and not phrase.structural and k + size < len(line) and line[k + size].start >= at:
                    span = Span(word.start, line[k + size - 1].end)
                    return Problem(span, f"{phrase.text} answers no value.", "Write it on a line of its own.")
    return None


def _shown(token: Token, lexer: Levels) -> str:
    match token.value:
        case Opened(phrase):
            return phrase.text
        case Literal(value):
            return _quoted(value)
        case Template():
            return "the text"
        case tuple():
            return "the label"
        case _:
            return f"`{lexer.cut(token.start, token.end)}`"


def _quoted(value: object) -> str:
    match value:
        case str():
            return f'"{value[:30]}"'
        case None:
            return "NULL"
        case bool():
            return str(value).upper()
        case _:
            return str(value)
