"""Words to grammar tokens: keywords become brackets, so that one small grammar serves them all.

`x = GET BOT MEMORY "lead_" + id` leaves here as `NAME EQUALS VERB LITERAL PLUS NAME END`. Eight rules decide whether a
word is a keyword, a separator or a variable:

1. After an operand a word is an operator or a separator; before one it is a name or a phrase.
2. A first word followed by `=`, `.` or a tight `[` is a variable.
3. A phrase with a tight bracket is a call; with a blank before the bracket it is a prefix.
4. A keyword inside an expression binds looser than `+`, tighter than a comparison, AND, OR and `?:`; a tight slot ends
   before `+`. The slots of a statement take whole expressions.
5. A keyword takes as many commas as it declares; `key:` inside an object closes it.
6. A separator belongs to the innermost open keyword that declares it, and closes those inside.
7. Of two slots side by side all but the last are a literal, a dotted name or bracketed.
8. `GET_BOT_MEMORY` is `GET BOT MEMORY`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from keywords import explain, tree
from keywords.levels import PAIRED, Levels
from keywords.phrases import is_target, label, opens_value
from keywords.registry import Kind
from keywords.scan import CLOSING, OPENING, Word
from keywords.tokens import (
    CONSTANTS,
    MEANING,
    OPERATORS,
    SHUT,
    WORD_OPERATORS,
    Problem,
    Token,
)
from keywords.tree import Span

DEPTH = 100
NAMING = frozenset({("SUB",), ("FUNCTION",)})  # the word behind them is a name, whatever it is
_WORDY = frozenset({Kind.NAME, Kind.TYPE, Kind.ORDER})


@dataclass(slots=True)
class Lexer(Levels):
    """Reads one logical line; `tokens` and `problems` are its result."""

    literal: Callable[[Word, list[Problem]], tree.Literal | tree.Template] = field(kw_only=True)

    def read(self, statement: bool = True) -> list[Token]:
        """The tokens of the line; `statement` False reads an expression."""
        self.statement = statement
        words = self.words
        while self.at < len(words) and not self.problems:
            word = words[self.at]
            if word.kind == "name":
                self._name(word)
            elif word.kind == "operator":
                self._operator(word)
            elif word.kind in ("string", "number"):
                self._literal(word)
            else:
                self._stray(word)
            if len(self.brackets) + len(self.levels) > DEPTH:
                message = f"Brackets and keywords are nested more than {DEPTH} deep."
                self._problem(word, message, "Use a variable in between.")
        if self.brackets and not self.problems:
            open_bracket = self.brackets[-1]
            shut = OPENING[open_bracket.text]
            self._problem(open_bracket, f"This `{open_bracket.text}` is never closed.", f"Add `{shut}`.")
        while self.levels:
            self._close()
        return self.tokens

    # -- names

    def _name(self, word: Word) -> None:
        if self.tokens and self.tokens[-1].type in ("DOT", "QDOT"):
            self._plain(word)
        elif self.statement:
            self._statement(word)
        elif self.operand:
            self._operand(word)
        else:
            self._after_operand(word)

    def _plain(self, word: Word) -> None:
        self._emit("NAME", word)
        self.at += 1
        self.operand = self.statement = False

    def _statement(self, word: Word) -> None:
        words = self.words
        named = label(words[self.at :]) if not self.levels else None
        if named is not None:
            kind, name, size = named
            if len(self.tokens) == DEPTH:  # before a statement there are only labels
                self._problem(word, f"A line may have {DEPTH} labels.", "Write the statement on a line of its own.")
            self.tokens.append(Token("LABEL", (kind, name), word.start, words[self.at + size - 1].end))
            self.at += size
            return
        if is_target(words, self.at):
            self._plain(word)
            return
        following = words[self.at + 1] if self.at + 1 < len(words) else None
        if following is not None and following.kind == "name":
            if word.upper in ("LET", "SET") and is_target(words, self.at + 1):
                self.at += 1
                self._plain(following)
                return
            if word.upper == "CALL" and self._calls_name():
                return
        found = self.lexicon.statement(words, self.at)
        if found is None:
            self._plain(word)
            return
        phrase, size = found
        if self._slips(size):
            return
        after = words[self.at + size] if self.at + size < len(words) else None
        tight = after is not None and after.text == "(" and not after.gap
        if tight and not phrase.structural and self._closes_last(self.at + size):
            self._call(phrase, size)
        else:
            self._open(phrase, size, value=False)

    def _calls_name(self) -> bool:
        """`CALL total(a)` and `CALL total`: the call of a SUB or FUNCTION."""
        name = self.words[self.at + 1]
        after = self.words[self.at + 2] if self.at + 2 < len(self.words) else None
        if after is not None and after.text != "(":
            return False
        self.at += 1
        self._plain(name)
        if after is None:
            self._mark("CALL")
            self._mark("RPAR")
        return True

    def _closes_last(self, at: int) -> bool:
        """Is the bracket at this place closed by the last word of the line?"""
        depth = 0
        for k in range(at, len(self.words)):
            text = self.words[k].text if self.words[k].kind == "operator" else ""
            if text in OPENING:
                depth += 1
            elif text in CLOSING:
                depth -= 1
                if depth == 0:
                    return k == len(self.words) - 1
        return False

    def _operand(self, word: Word) -> None:
        words, level = self.words, self._here()
        previous = self.tokens[-1].type if self.tokens else ""
        fresh = previous in ("COMMAND", "VERB", "SEPARATOR")
        following = words[self.at + 1] if self.at + 1 < len(words) else None
        if level is not None:
            kinds = level.kinds
            if fresh and level.phrase.words in NAMING:
                self._plain(word)
                return
            if kinds <= _WORDY and (fresh or previous == "COMMA"):
                self._plain(word)
                return
            if (fresh or previous == "COMMA") and self._separates_early(level, fresh):
                return
        if following is not None and following.text == ":" and previous in ("LBRACE", "COMMA") and self._in_braces():
            self._plain(word)
            return
        upper = word.upper
        if upper in CONSTANTS:
            self._emit("LITERAL", word, tree.Literal(CONSTANTS[upper], Span(word.start, word.end)))
            self.at += 1
            self.operand = False
            return
        if upper == "NOT":
            self._emit("NOT", word)
            self.at += 1
            return
        if upper == "THEN":
            self._problem(word, "Before THEN a condition, or the rest of it, is missing.", "Write it.")
            return
        if upper == "CALL" and following is not None and following.kind == "name" and self._calls_within():
            return
        for phrase, size in self.lexicon.spelt(words, self.at):
            if opens_value(phrase, size, words, self.at) and not self._outer_clause(self.at + size, size):
                if self._slips(size):
                    return
                after = words[self.at + size] if self.at + size < len(words) else None
                if after is not None and after.text == "(" and not after.gap:
                    self._call(phrase, size)
                else:
                    self._open(phrase, size, value=True)
                return
        self._plain(word)

    def _slips(self, size: int) -> bool:
        following = self.words[self.at + size : self.at + size + 2]
        if len(following) < 2 or following[0].kind != "name" or following[1].kind != "name":
            return False
        problem = explain.slip(self.words, self.at, size, self.lexicon)
        if problem is not None:
            self.problems.append(problem)
        return problem is not None

    def _calls_within(self) -> bool:
        after = self.words[self.at + 2] if self.at + 2 < len(self.words) else None
        if after is None or after.text != "(":
            return False
        self.at += 1
        self._plain(self.words[self.at])
        return True

    def _in_braces(self) -> bool:
        return bool(self.brackets) and self.brackets[-1].text in ("{", "#{")

    def _after_operand(self, word: Word) -> None:
        level = self._here()
        upper = word.upper
        if level is not None and upper == "AS" and level.kinds & PAIRED and not level.paired:
            self._emit("ASSIGN", word)
            self.at += 1
            level.paired = self.operand = True
            return
        if self._separates() or self._word_operator(word, upper):
            return
        if self._beside():
            self._operand(word)
        else:
            self._plain(word)  # the grammar refuses it

    def _word_operator(self, word: Word, upper: str) -> bool:
        following = self.words[self.at + 1] if self.at + 1 < len(self.words) else None
        next_upper = following.upper if following is not None else ""
        if upper == "IS":
            negated = next_upper == "NOT"
            after = self.at + 1 + negated
            self._close_values(condition=True)
            if after < len(self.words) and self.words[after].upper == "NULL":
                self.tokens.append(Token("ISNULL", negated, word.start, self.words[after].end))
                self.at = after + 1
            else:
                self._problem(word, "IS asks about NULL only.", "Write `x IS NULL`, `x IS NOT NULL` or `x = y`.")
            return True
        if upper == "AND" and self.between and self.between[-1] == len(self.brackets):
            self.between.pop()
            self._infix("UPTO", upper, 1)
            return True
        negated = upper == "NOT" and next_upper == "BETWEEN"
        if negated or upper == "BETWEEN":
            self.between.append(len(self.brackets))
            self._infix("BETWEEN", "NOT BETWEEN" if negated else upper, 1 + negated)
            return True
        if (upper == "NOT" and next_upper in ("IN", "LIKE", "CONTAINS")) or (
            upper == "STARTS" and next_upper == "WITH"
        ):
            self._infix("COMPARE", f"{upper} {next_upper}", 2)
            return True
        if upper in WORD_OPERATORS:
            self._infix(WORD_OPERATORS[upper], upper, 1)
            return True
        return False

    # -- literals and operators

    def _literal(self, word: Word) -> None:
        if not self.operand:
            self._beside()
        if self.statement and not self.levels and word.kind == "number" and word is self.words[0]:
            self._problem(
                word, "A line does not begin with a number.", "There are no line numbers; a label is written `name:`."
            )
        self._emit("LITERAL", word, self.literal(word, self.problems))
        self.at += 1
        self.operand = self.statement = False

    def _stray(self, word: Word) -> None:
        if word.kind == "open":
            self._problem(word, "The text that begins here is never closed.", 'Add `"` at its end.')
        elif word.text in "“”„«»‘’‚":
            self._problem(word, f"`{word.text}` does not begin a text.", 'Use the straight quote `"`.')
        elif word.text == ";":
            self._problem(word, "`;` does not separate statements.", "Write each on a line of its own.")
        elif word.text in ("'", "#", "//"):
            self._problem(word, f"`{word.text}` means nothing here.", "A comment begins with a blank and `'`.")
        else:
            code = f"U+{ord(word.text):04X}"
            shown = f"`{word.text}` ({code})" if word.text.isprintable() else code
            self._problem(word, f"The character {shown} means nothing here.", "Remove it, or put it into a text.")

    def _operator(self, word: Word) -> None:
        text = word.text
        if text in OPENING:
            self._bracket(word)
        elif text in CLOSING:
            self._shut(word)
        elif text == ",":
            self._comma(word)
        elif text == "=" and self._assigns(word):
            return
        elif text == "*" and self.operand and not self.statement:
            self._emit("STAR", word)
            self.at += 1
            self.operand = False
        elif text in (".", "?."):
            self._emit(OPERATORS[text], word)
            self.at += 1
        elif text in ("-", "+", "!") and self.operand:
            self._emit(OPERATORS[text], word)
            self.at += 1
            self.statement = False
        elif text == ":":
            self._close_values()
            self._emit("COLON", word)
            self.at += 1
            self.operand = True
        elif text in OPERATORS:
            self._infix(OPERATORS[text], MEANING.get(text, text), 1)
        elif text == "&":
            self._problem(word, "`&` does not join texts.", "Join them with `+`.")
        elif text == ";" and self.at == len(self.words) - 1:
            self.at += 1
        else:
            self._stray(word)

    def _assigns(self, word: Word) -> bool:
        level = self._here()
        if level is None or self.operand:
            return False
        if level.kinds & PAIRED and not level.paired:
            self._emit("ASSIGN", word)
            self.at += 1
            level.paired = self.operand = True
            return True
        return self._takes_equals() and self._separates()

    def _takes_equals(self) -> bool:
        """Is there a keyword around here that is written with `=`, as `REMEMBER key = value`?"""
        for level in reversed(self.levels):
            if level.depth != len(self.brackets):
                return False
            if "=" in level.phrase.clauses:
                return ("=",) not in level.seen
        return False

    def _bracket(self, word: Word) -> None:
        text, kind = word.text, "LPAR"
        if text == "(":
            if not self.operand and not (word.gap and self._beside()):
                kind = "CALL"
        elif text == "[":
            kind = "LSQB" if self.operand or (word.gap and self._beside()) else "INDEX"
        else:
            kind = "LPAR" if text == "${" else "LBRACE"  # `${total}` outside a text is the value itself
            if not self.operand:
                self._beside()
        self._emit(kind, word)
        self.brackets.append(word)
        self.at += 1
        self.operand, self.statement = True, False

    def _shut(self, word: Word) -> None:
        if not self.brackets or OPENING[self.brackets[-1].text] != word.text:
            self._problem(word, f"This `{word.text}` closes nothing.", "Remove it, or open the bracket.")
            return
        while self._here() is not None:
            self._close()
        if self.tokens[-1].type == "COMMA":
            self.tokens.pop()  # `[1, 2, ]`
        self._emit("RPAR" if self.brackets.pop().text == "${" else SHUT[word.text], word)
        self.at += 1
        self.operand = self.statement = False

    def _comma(self, word: Word) -> None:
        words, at = self.words, self.at
        key = self._in_braces() and at + 2 < len(words) and words[at + 2].text == ":"
        while (level := self._here()) is not None and level.value and (key or level.count >= level.opening.most):
            self._close()
        if (level := self._here()) is not None:
            level.count += 1
            level.plain, level.paired = True, False
        self._emit("COMMA", word)
        self.at += 1
        self.operand = True
