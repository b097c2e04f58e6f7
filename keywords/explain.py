"""Says what is wrong with a line that the grammar refuses: the word that is not a keyword, or what is missing where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from keywords.alike import DROPPED, PREFIX, likeness
from keywords.foreign import foreign
from keywords.levels import Levels
from keywords.match import written
from keywords.phrases import OPERATORS, Lexicon, Phrase, label
from keywords.scan import Word
from keywords.tokens import Opened, Problem, Token
from keywords.tree import Literal, Span, Template

ALIKE = 0.74
CLOSE = PREFIX  # where the words before the fault are a keyword already
SLIP = 0.9  # where the line would mean something else
NEVER = 2.0
CLAUSE = 0.7  # where a clause of an open keyword may stand
UNITS = frozenset({
    "S", "SEC", "SECS", "SECOND", "SECONDS", "M", "MIN", "MINS", "MINUTE", "MINUTES", "H", "HOUR", "HOURS", "D", "DAY",
    "DAYS", "MS", "MILLISECONDS",
})  # fmt: skip
MOST_SHOWN = 6  # keywords that are told of at once
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
    known = foreign(_bare(lexer.words)) or _label(lexer.words) if statement else None
    unknown = known or misspelt(lexer.words, at, lexer.lexicon)
    if unknown is not None:
        return unknown
    if statement and token.type in _OPERANDS and len(before) == 1 and before[0].type == "NAME":
        return no_keyword(lexer.words[0], lexer.lexicon)
    known = _statement_only(lexer.words, at, lexer.lexicon) or _clause(token, before, lexer)
    return known or _misplaced(token, previous, len(before), at, lexer)


def misspelt(line: Sequence[Word], at: int, words: Lexicon) -> Problem | None:
    """The keyword that was probably meant, when words before this place are nearly one."""
    best: tuple[float, int, int, str] | None = None
    starts = _starts(line, at)
    for start in starts:
        run = _run(line, start)
        known = max((size for _, size in words.spelt(line, start)), default=0) if run else 0
        for size in range(known + 1, len(run) + 1):
            given = " ".join(word.upper for word in run[:size])
            beyond = run[size - 1].start > at  # `HUMAN APROVAL FROM`: the fault is the second word
            least, other = (SLIP, NEVER) if beyond else (CLOSE, NEVER) if known else (ALIKE, CLOSE)
            found = [*words.spellings.near(given, size, least, other)]
            fuller = words.spellings.without_one(given)
            if len(fuller) == 1 and (size > 1 or (start == starts[0] and not beyond)):
                found.append((DROPPED, fuller[0]))
            for ratio, phrase in found:
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
    step = next((word for word in line[1:3] if word.upper == "STEP"), None)
    if step is not None and len(line) > 2 and line[1].text == "=":
        fix = f"Write STEP 1: {first.text} = .."
        return Problem(Span(step.start, step.end), "STEP stands at the beginning of its line.", fix)
    if re.fullmatch(r"STEP[0-9]*", first.upper):
        return Problem(span, "STEP needs a number and a colon.", 'Write STEP 1: BOT "name" "message".')
    if first.upper == "BRANCH":
        return Problem(span, "BRANCH needs a name and a colon.", 'Write BRANCH A: BOT "name" "message".')
    if first.upper == "ON" and len(line) > 1 and line[1].upper == "TIMEOUT":
        fix = 'Write ON TIMEOUT: ESCALATE TO "name", ON TIMEOUT: APPROVE or ON TIMEOUT: REJECT.'
        return Problem(Span(first.start, line[1].end), "ON TIMEOUT needs to know what shall happen.", fix)
    return None


def no_keyword(word: Word, words: Lexicon) -> Problem:
    """A line that begins with a word that is no keyword."""
    longer = words.spellings.without_one(word.upper)
    shown = [words.shown(phrase) for phrase in longer[:MOST_SHOWN]]
    fix = f"Perhaps {one_of(shown)}?" if shown else NO_HINT
    return Problem(Span(word.start, word.end), f"{word.text} is not a keyword.", fix)


def one_of(names: Sequence[str]) -> str:
    """`A, B or C`."""
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last


def _bare(line: Sequence[Word]) -> Sequence[Word]:
    """The words of the statement, without the label before it."""
    named = label(line)
    return line[named[2] :] or line if named is not None else line


def _misplaced(token: Token, previous: Token | None, count: int, at: int, lexer: Levels) -> Problem:
    end = token.type == "$END"
    here = Span(max(at - 1, 0), at) if end else Span(token.start, max(token.end, token.start + 1))
    after = _shown(previous, lexer) if previous is not None else "the start of the line"
    if token.type in _ENDS:
        asks = sum((t.type == "QUESTION") - (t.type == "COLON") for t in lexer.tokens if t.start < at) > 0
        fix = "Behind `?` stands what it is otherwise: condition ? a : b." if asks else "Write the rest of it."
        return Problem(here, f"Something is missing after {after}.", fix)
    shown = _shown(token, lexer)
    if token.type == "COMPARE" and count == 1:
        return Problem(here, f"{shown} compares; it does not assign.", "Write name = value.")
    if previous is not None and (known := _habit(previous, token, lexer)) is not None:
        return Problem(here, *known)
    if previous is not None and previous.type in _WAITING and token.type not in _OPERANDS:
        return Problem(here, f"Between {after} and {shown} a value is missing.", "Write it.")
    if token.type == "COLON":
        return Problem(here, "`:` does not separate statements.", "Write each on a line of its own.")
    if token.type == "EQUALS":
        return Problem(here, "Only a name, a field or an element can be assigned to.", "Write name = value.")
    if previous is not None and previous.type not in _OPERATORS and token.type in _OPERANDS:
        return Problem(here, f"Between {after} and {shown} an operator or a comma is missing.", "Join texts with `+`.")
    return Problem(here, f"{shown} is not expected after {after}.", "Remove it.")


def _habit(previous: Token, token: Token, lexer: Levels) -> tuple[str, str] | None:
    """What people are used to write: decimal commas, quotes inside quotes, `f"..."`, `1..10`, a trailing IF."""
    after, shown = _shown(previous, lexer), _shown(token, lexer)
    tight, behind = previous.end == token.start, lexer.text[token.end - lexer.base : token.end - lexer.base + 1]
    number = isinstance(previous.value, Literal) and isinstance(previous.value.value, int | float)
    if token.type == "NAME" and str(token.value).upper() == "IF":
        return "IF stands at the beginning of its line.", "Write IF condition THEN statement."
    named = token if str(previous.value).upper() == "AS" else None
    if str(token.value).upper() == "AS":
        named = next((one for one in lexer.tokens if one.start > token.start), None)
    if token.type == "NAME" and named is not None and named.type == "NAME":
        return f"AS gives `{named.value}` no value here.", f"Write {named.value} = .. at the beginning of the line."
    if tight and previous.type == "NAME" and token.type == "LITERAL" and isinstance(token.value, Literal):
        return f"{after} does not belong to the text.", "A text fills in `${name}` by itself."
    if tight and token.type == "NAME" and previous.type == "LITERAL" and not number:
        return f"The text ends before {shown}.", 'A quote inside a text is written `\\"`.'
    if tight and token.type == "COMMA" and number and behind.isdigit() and not lexer.levels:
        return "A number has no comma.", "Write a point before its fraction, and nothing between thousands: 1234.5."
    if token.type == "DOT" and behind.isdigit() and previous.type != "DOT":
        return "A number begins with a digit.", "Write 0.5."
    if token.type == "DOT" and previous.type == "DOT":
        return "`..` counts nothing.", "Write FOR i = 1 TO 10, or a list: [1, 2, 3]."
    return None


def _clause(token: Token, before: Sequence[Token], lexer: Levels) -> Problem | None:
    """`WAIT FOR EVENT "x" TIMEUOT 5`: words where a clause of a keyword around them may stand."""
    if token.type not in ("NAME", "VERB") or not before or before[-1].type in _WAITING:
        return None
    at = next(k for k, word in enumerate(lexer.words) if word.start >= token.start)
    run = _run(lexer.words, at)
    if not run:
        return None
    for keyword, opened in reversed(_around(token, lexer)):
        size = next((k for k in range(1, len(run)) if opened.phrase.clause(lexer.words, at + k)), len(run))
        if (known := _known_clause(run[:size], opened.phrase)) is not None:
            return known
        said = {str(t.value) for t in before if t.type in ("SEPARATOR", "INNER") and t.start >= keyword.start}
        if token.type == "NAME" and (told := _no_clause(lexer.words, at, opened.phrase, said)) is not None:
            return told
    return None


def _around(token: Token, lexer: Levels) -> list[tuple[Token, Opened]]:
    """The keywords that are open where the token stands, the innermost last."""
    found: list[tuple[Token, Opened]] = []
    for one in lexer.tokens:
        if one is token:
            break
        if one.type in ("COMMAND", "VERB") and isinstance(one.value, Opened):
            found.append((one, one.value))
        elif one.type == "END" and found:
            found.pop()
    return found


def _known_clause(run: Sequence[Word], phrase: Phrase) -> Problem | None:
    """The clause that these words nearly are, or begin, or end: `OPTIMIZE FOR` of `WITH OPTIMIZE FOR`."""
    clauses = list(_clauses(phrase))
    best: tuple[float, int, str] = (0.0, 0, "")
    for clause in clauses:
        spelt = clause.replace("_", " ")
        for size in range(1, min(len(run), spelt.count(" ") + 1) + 1):
            given = " ".join(word.upper for word in run[:size])
            ratio = 1.0 if f" {spelt}".endswith(f" {given}") else likeness(given, spelt, CLAUSE)
            best = max(best, (ratio, size, clause))
    ratio, size, clause = best
    begun = [clause for clause in clauses if clause.split()[0] == run[0].upper]
    if begun and (ratio < CLAUSE or size == 1):
        span = Span(run[0].start, run[0].end)
        return Problem(span, f"{run[0].text} alone means nothing here.", f"Write {' or '.join(begun)}.")
    if ratio < CLAUSE:
        return None
    given = " ".join(word.text for word in run[:size])
    words = "word" if size == 1 else "words"
    message = f"{phrase.text} does not know the {words} {given}."
    return Problem(Span(run[0].start, run[size - 1].end), message, f"Did you mean {clause}?")


def _no_clause(line: Sequence[Word], at: int, phrase: Phrase, said: set[str]) -> Problem | None:
    """`CREATE TASK "x" DUE "soon"`: a word that looks like one of a clause, of a keyword that has clauses."""
    word, following = line[at], line[at + 1] if at + 1 < len(line) else None
    if word.upper == "AS" and line[1].text != "=":
        return None  # `LLM "x" AS answer` wants to name the answer
    span = Span(word.start, word.end)
    if phrase.first.most and at and line[at - 1].kind == "number" and word.upper in UNITS:
        fix = "Write the number of seconds: 90, or 5 * 60."
        return Problem(span, f"{phrase.text} does not know the word {word.text}: times are seconds.", fix)
    forms = [candidate.form for candidate in phrase.candidates]
    missing = all(any(c.required and c.words and c.words not in said for c in form.clauses) for form in forms)
    goes_on = following is not None and (
        following.kind in ("string", "number") or following.text in ("{", "[", "=") or _is_other(following)
    )
    if not missing and not (phrase.clauses and goes_on and phrase.clause(line, at + 1) is None):
        return None
    fix = f"Write {' or '.join(written(form) for form in forms[:2])}."
    return Problem(span, f"{phrase.text.replace(' :', ':')} does not know the word {word.text}.", fix)


def _is_other(word: Word) -> bool:
    return word.kind == "name" and word.upper not in RESERVED


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
