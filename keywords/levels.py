"""The open keywords of a line while its tokens are written: where clauses begin, and where a keyword ends.

Rules 4 to 7 of `keywords/lexer.py` live here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from keywords.phrases import Lexicon, Opening, Phrase
from keywords.registry import Kind
from keywords.scan import OPENING, Word
from keywords.tokens import ARITHMETIC, LOOSE, Opened, Problem, Token
from keywords.tree import Span

_LISTS = frozenset({Kind.MANY, Kind.PAIRS, Kind.FIELDS, Kind.COLUMNS})
PAIRED = frozenset({Kind.PAIRS, Kind.FIELDS, Kind.COLUMNS})
_WORDS = frozenset({Kind.TYPE, Kind.ORDER})  # several words may stand side by side in one slot
_ONLY_TIGHT = frozenset({Kind.TIGHT})
_ONLY_TEXT = frozenset({Kind.TEXT})
_ONLY_STATEMENT = frozenset({Kind.STATEMENT})


@dataclass(slots=True)
class Level:
    """A keyword whose clauses are being read."""

    phrase: Phrase
    depth: int  # brackets open around it
    value: bool  # inside an expression
    opening: Opening
    count: int = 1  # the slot being read, from 1
    plain: bool = True  # the slot holds no operator so far (rule 7)
    paired: bool = False  # the pair being read has its `=`
    seen: set[tuple[str, ...]] = field(default_factory=set[tuple[str, ...]])

    @property
    def kinds(self) -> frozenset[Kind]:
        return self.opening.kinds_at(self.count - 1)


@dataclass(slots=True)
class Levels:
    """Tokens written so far, with the keywords and brackets that are still open."""

    text: str
    words: list[Word]
    lexicon: Lexicon
    base: int = 0  # where `text` begins in the line, for the expression of a `${...}`
    problems: list[Problem] = field(default_factory=list[Problem])
    tokens: list[Token] = field(default_factory=list[Token])
    at: int = 0
    operand: bool = True  # an operand may stand here
    statement: bool = True  # a statement begins here
    levels: list[Level] = field(default_factory=list[Level])
    brackets: list[Word] = field(default_factory=list[Word])
    between: list[int] = field(default_factory=list[int])  # BETWEENs that await their AND: brackets open around each

    def cut(self, start: int, end: int) -> str:
        """The text of the line between two positions."""
        return self.text[start - self.base : end - self.base]

    def _emit(self, kind: str, word: Word, value: object = None) -> None:
        self.tokens.append(Token(kind, word.text if value is None else value, word.start, word.end))

    def _mark(self, kind: str, value: object = "") -> None:
        end = self.tokens[-1].end if self.tokens else 0
        self.tokens.append(Token(kind, value, end, end))

    def _problem(self, word: Word, message: str, fix: str = "") -> None:
        self.problems.append(Problem(Span(word.start, word.end), message, fix))

    def _close(self) -> None:
        self.levels.pop()
        self._mark("END")

    def _here(self) -> Level | None:
        """The innermost open keyword, when no bracket has been opened inside it."""
        if self.levels and self.levels[-1].depth == len(self.brackets):
            return self.levels[-1]
        return None

    def _close_values(self, condition: bool = False) -> None:
        while (level := self._here()) is not None and level.value:
            if condition and Kind.CONDITION in level.kinds:
                return
            self._close()

    def _open(self, phrase: Phrase, size: int, value: bool) -> None:
        first, last = self.words[self.at], self.words[self.at + size - 1]
        kind = "VERB" if value else "COMMAND"
        self.tokens.append(Token(kind, Opened(phrase, self.cut, self.problems), first.start, last.end))
        self.levels.append(Level(phrase, len(self.brackets), value, phrase.first))
        self.at += size
        self.statement = False
        self.operand = phrase.first.most > 0
        if value and not phrase.first.most and not phrase.clauses:
            self._close()
        else:
            self._raw()

    def _call(self, phrase: Phrase, size: int) -> None:
        first, bracket = self.words[self.at], self.words[self.at + size]
        self.tokens.append(Token("CALLED", Opened(phrase, self.cut, self.problems), first.start, bracket.end))
        self.brackets.append(bracket)
        self.at += size + 1
        self.statement, self.operand = False, True

    def _raw(self) -> None:
        """A text slot takes the rest of the line as it is written."""
        level = self.levels[-1]
        if level.opening.kinds_at(0) == _ONLY_TEXT and self.at < len(self.words):
            start, end = self.words[self.at].start, self.words[-1].end
            self.tokens.append(Token("TEXT", self.cut(start, end), start, end))
            self.at, self.operand = len(self.words), False

    def _separates_early(self, level: Level, fresh: bool) -> bool:
        """A clause may follow at once where the slot before it may be empty, and after a comma too many."""
        opening = level.phrase.clause(self.words, self.at)
        if opening is None:
            return False
        after = self.at + len(opening.words)
        follows = after < len(self.words) and (
            self.words[after].kind != "operator" or self.words[after].text in OPENING
        )
        if not (level.opening.optional and fresh) and not (follows and opening.most):
            return False
        if not fresh:
            self.tokens.pop()  # `SEND MAIL to, subject, body, ATTACHMENT file`
        self._separator(level, opening)
        return True

    def _separates(self) -> bool:
        for index in range(len(self.levels) - 1, -1, -1):
            level = self.levels[index]
            if level.depth != len(self.brackets):
                return False
            opening = level.phrase.clause(self.words, self.at)
            if opening is not None and not (opening.words in level.seen and self.words[self.at].upper == "IN"):
                while len(self.levels) - 1 > index:
                    self._close()
                self._separator(level, opening)
                return True
        return False

    def _separator(self, level: Level, opening: Opening) -> None:
        first, last = self.words[self.at], self.words[self.at + len(opening.words) - 1]
        inner = opening.kinds_at(0) == _ONLY_STATEMENT
        kind = "INNER" if inner else "SEPARATOR"
        self.tokens.append(Token(kind, " ".join(opening.words), first.start, last.end))
        level.opening, level.count, level.plain, level.paired = opening, 1, True, False
        level.seen.add(opening.words)
        self.at += len(opening.words)
        self.statement = inner
        self.operand = opening.most > 0
        if opening.most:
            self._raw()

    def _outer_clause(self, at: int, size: int) -> bool:
        """Does a clause of a keyword around it follow? Then a single word was a variable."""
        if size > 1 or at >= len(self.words) or self.words[at].kind != "name":
            return False
        return any(
            level.phrase.clause(self.words, at) is not None
            for level in self.levels
            if level.depth == len(self.brackets)
        )

    def _infix(self, kind: str, value: str, size: int) -> None:
        if kind in LOOSE:
            self._close_values(condition=True)
        elif kind in ARITHMETIC:
            while (level := self._here()) is not None and level.value and level.kinds == _ONLY_TIGHT:
                self._close()
        if (level := self._here()) is not None:
            level.plain = False
        first, last = self.words[self.at], self.words[self.at + size - 1]
        self.tokens.append(Token(kind, value, first.start, last.end))
        self.at += size
        self.operand, self.statement = True, False

    def _beside(self) -> bool:
        """A second slot may follow without a comma (rule 7)."""
        level = self._here()
        if level is None or level.count >= level.opening.most or level.paired or level.kinds <= _LISTS:
            return False
        if not level.opening.beside_at(level.count) and not level.kinds & _WORDS:
            return False
        if not level.plain and self.tokens[-1].type not in ("LITERAL", "RPAR", "RSQB", "RBRACE"):
            return False
        self._mark("COMMA")
        level.count += 1
        self.operand = True
        return True
