"""Which words make a keyword: every phrase and clause of the registry and of the structure table, ready to be matched.

A phrase is matched by its longest spelling, and only where the words around it say that it is one: `first = 1` assigns,
`x = first + 1` reads a variable, `x = FIRST rows` is the keyword.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from keywords import structure
from keywords.alike import Spellings
from keywords.registry import Form, Keyword, Kind, Registry, Slot, spelling
from keywords.scan import Word

MANY = 1_000_000
OPERATORS = frozenset({"AND", "OR", "IS", "IN", "CONTAINS", "LIKE", "MOD"})
_NO_WORDS: tuple[str, ...] = ()
_SERIES = frozenset({Kind.MANY, Kind.PAIRS, Kind.FIELDS, Kind.COLUMNS, Kind.TYPE, Kind.ORDER})


@dataclass(slots=True)
class Opening:
    """What may follow the words of a clause, over all forms that have it."""

    words: tuple[str, ...]
    kinds: list[frozenset[Kind]] = field(default_factory=list[frozenset[Kind]])
    beside: list[bool] = field(default_factory=list[bool])  # of each slot: a blank may separate it from the one before
    most: int = 0
    optional: bool = False  # some form does without its first slot

    def kinds_at(self, index: int) -> frozenset[Kind]:
        return self.kinds[min(index, len(self.kinds) - 1)] if self.kinds else frozenset()

    def beside_at(self, index: int) -> bool:
        return index < len(self.beside) and self.beside[index]

    def add(self, slots: Sequence[Slot], optional: bool) -> None:
        taking: list[Kind] = []
        for index, slot in enumerate(slot for slot in slots if slot.kind is not Kind.FLAG):
            taking.append(slot.kind)
            if index < len(self.kinds):
                self.kinds[index] |= {slot.kind}
                self.beside[index] = self.beside[index] or not slot.comma
            else:
                self.kinds.append(frozenset({slot.kind}))
                self.beside.append(not slot.comma)
        self.most = max(self.most, MANY if _SERIES & set(taking) else len(taking))
        self.optional = self.optional or optional


@dataclass(frozen=True, slots=True)
class Candidate:
    """One form that a phrase may turn out to be."""

    owner: Keyword | structure.Word
    index: int
    form: Form


@dataclass(slots=True)
class Phrase:
    """The words that open a keyword, and all that may come after them."""

    words: tuple[str, ...]
    value: bool  # may stand in an expression
    structural: bool
    candidates: list[Candidate] = field(default_factory=list[Candidate])
    first: Opening = field(default_factory=lambda: Opening(_NO_WORDS))  # what follows the phrase itself
    clauses: dict[str, list[Opening]] = field(default_factory=dict[str, list[Opening]])  # by first word, longest first
    alone: bool = False  # complete without anything after it

    @property
    def text(self) -> str:
        return self.candidates[0].form.words

    def add(self, candidate: Candidate) -> None:
        self.candidates.append(candidate)
        alone = True
        for clause in candidate.form.clauses:
            optional = not any(slot.required for slot in clause.slots)
            self._opening(clause.words).add(clause.slots, optional)
            alone = alone and (not clause.required or (optional and not clause.words))
        if not candidate.form.clauses or candidate.form.clauses[0].words:
            self.first.optional = True
        self.alone = self.alone or alone

    def clause(self, words: Sequence[Word], at: int) -> Opening | None:
        """The clause whose words stand at this place."""
        for opening in self.clauses.get(words[at].upper, ()):
            if _stands(opening.words, words, at):
                return opening
        return None

    def _opening(self, words: str) -> Opening:
        if not words:
            return self.first
        key = tuple(words.split())
        bucket = self.clauses.setdefault(key[0], [])
        for opening in bucket:
            if opening.words == key:
                return opening
        bucket.append(Opening(key))
        bucket.sort(key=lambda o: -len(o.words))
        return next(o for o in bucket if o.words == key)


def _stands(spelt: tuple[str, ...], words: Sequence[Word], at: int) -> bool:
    size = len(spelt)
    return at + size <= len(words) and all(words[at + k].upper == spelt[k] for k in range(size))


class Lexicon:
    """All phrases of one registry version, by first word, longest first."""

    def __init__(self, keywords: Iterable[Keyword]) -> None:
        self.kept_lines: dict[tuple[str, str], Any] = {}  # filled by `lines`
        self.phrases: dict[tuple[str, bool], Phrase] = {}  # by spelling; structure words stand apart
        for word in structure.WORDS:
            self._add(word, word.forms, value=False, structural=True)
        for keyword in keywords:
            self._add(keyword, keyword.forms, value=keyword.value, structural=False)
        self._starts: dict[str, list[tuple[tuple[str, ...], Phrase]]] = {}
        for phrase in self.phrases.values():
            spellings = {phrase.words, tuple(spelling(" ".join(phrase.words)).split())}
            spellings |= {("_".join(s),) for s in spellings if ":" not in s}
            for spelt in spellings:
                self._starts.setdefault(spelt[0], []).append((spelt, phrase))
        for bucket in self._starts.values():
            bucket.sort(key=lambda row: -len(row[0]))
        self.spellings = Spellings(spelt for spelt, _ in self.phrases)
        self._taking = frozenset(self._words_before_operands())
        self._clauses = self._long_clauses()

    def spelt(self, words: Sequence[Word], at: int) -> Iterator[tuple[Phrase, int]]:
        """The phrases whose words stand at this place, longest first, each with its number of words."""
        for spelt, phrase in self._starts.get(words[at].upper, ()):
            if len(spelt) == 1 or _stands(spelt, words, at):
                yield phrase, len(spelt)

    def opening(self, words: Sequence[Word]) -> tuple[Phrase, int] | None:
        """The phrase that a statement begins with, unless it begins with a variable or a label."""
        if not words or words[0].kind != "name" or is_target(words, 0):
            return None
        return self.statement(words, 0)

    def statement(self, words: Sequence[Word], at: int) -> tuple[Phrase, int] | None:
        """The phrase of the statement that begins at this place; one that is all there is stands for its fault."""
        whole: tuple[Phrase, int] | None = None
        for phrase, size in self.spelt(words, at):
            if whole is not None and whole[1] - size > 1:
                return whole  # `WAIT FOR EVENT` alone: WAIT cannot take the two words
            if opens_statement(phrase, size, words, at):
                return phrase, size
            if whole is None and at + size == len(words):
                whole = phrase, size
        return whole

    def beginning(self, upper: str) -> Iterator[tuple[str, ...]]:
        """The spellings that begin with this word, longest first."""
        for spelt, _ in self._starts.get(upper, ()):
            yield spelt

    def shown(self, spelt: str) -> str:
        """A phrase as its form writes it."""
        found = self.phrases.get((spelt, False)) or self.phrases[spelt, True]
        return found.text.replace(" :", ":")

    # -- what the scanner asks (scan.Hints)

    def takes(self, upper: str) -> bool:
        return upper in self._taking

    def begins(self, words: Sequence[Word]) -> bool:
        if not words or words[0].kind != "name":
            return False
        named = label(words)
        if named is not None and named[0] != "LABEL":
            return True
        found = self.opening(words)
        return found is not None and not found[0].value and not (found[0].text == "SELECT" and found[1] == 1)

    def continues(self, line: Sequence[Word], words: Sequence[Word], deeper: bool) -> bool:
        uppers = {word.upper for word in line}
        last = line[-1].upper
        for owner, clause in self._clauses.get(words[0].upper, ()):
            if uppers.issuperset(owner) and _stands(clause, words, 0) and not is_target(words, 0):
                return True
        if deeper and line[-1].kind == "name" and len(line) > 2 and not self.begins(words):
            return any(uppers.issuperset(owner) for owner in self._dangling.get(last, ()))
        return False

    def _add(self, owner: Keyword | structure.Word, forms: Sequence[Form], value: bool, structural: bool) -> None:
        for index, form in enumerate(forms):
            key = spelling(form.words), structural
            phrase = self.phrases.get(key)
            if phrase is None:
                phrase = self.phrases[key] = Phrase(tuple(form.words.split()), value, structural)
            phrase.add(Candidate(owner, index, form))

    def _words_before_operands(self) -> Iterator[str]:
        for phrase in self.phrases.values():
            if phrase.first.most:
                yield phrase.words[-1]
                yield "_".join(phrase.words)
            for openings in phrase.clauses.values():
                yield from (opening.words[-1] for opening in openings if opening.most)
        yield from ("AND", "OR", "XOR", "NOT", "LIKE", "CONTAINS", "IN", "BETWEEN")

    def _long_clauses(self) -> dict[str, list[tuple[frozenset[str], tuple[str, ...]]]]:
        """Clauses that may stand on a line of their own: those no statement begins with."""
        found: dict[str, list[tuple[frozenset[str], tuple[str, ...]]]] = {}
        self._dangling: dict[str, list[frozenset[str]]] = {}
        for phrase in self.phrases.values():
            if phrase.structural:
                continue
            owner = frozenset(phrase.words)
            for openings in phrase.clauses.values():
                for opening in openings:
                    first, *more = opening.words
                    if more or first not in self._starts or Kind.TEXT in phrase.first.kinds_at(0):
                        found.setdefault(first, []).append((owner, opening.words))
                    if opening.most:
                        self._dangling.setdefault((first, *more)[-1], []).append(owner)
        return found


def is_target(words: Sequence[Word], at: int) -> bool:
    """Is the word here assigned to, or the start of a dotted or indexed name?"""
    following = words[at + 1] if at + 1 < len(words) else None
    if following is None or following.kind != "operator":
        return False
    text = following.text
    return text in ("=", ".", "?.") or (text == "[" and not following.gap)


def label(words: Sequence[Word]) -> tuple[str, str, int] | None:
    """A label at the start of a statement: ("STEP", "3", words), ("BRANCH", "A", words) or ("LABEL", name, words);
    or words that a statement follows: ("ONCE", "", 1), ("COMPENSATE", "", 2), ("ON ERROR", "", 3)."""
    if len(words) < 2 or words[0].kind != "name":
        return None
    first = words[0].upper
    if first == "ONCE" and words[1].kind == "name" and words[1].upper not in OPERATORS:
        return "ONCE", "", 1
    if first == "COMPENSATE" and words[1].upper == "WITH" and len(words) > 2:
        return "COMPENSATE", "", 2
    if first == "ON" and words[1].upper == "ERROR" and len(words) > 3 and words[2].text == ":":
        return "ON ERROR", "", 3
    if words[1].text == ":" and first != "DEFAULT":
        return ("LABEL", words[0].text, 2) if len(words) == 2 else None
    if first == "STEP" and len(words) > 2 and words[1].kind == "number" and words[2].text == ":":
        return "STEP", words[1].text, 3
    if first == "BRANCH" and words[1].kind in ("name", "number", "string"):
        size = next((k for k in range(2, min(len(words), 8)) if words[k].text == ":"), 0)
        if size:
            name = " ".join(word.text.strip("\"'") for word in words[1:size])
            return "BRANCH", name, size + 1
    return None


def opens_statement(phrase: Phrase, size: int, words: Sequence[Word], at: int) -> bool:
    """Is this phrase, at the start of a statement, a keyword?"""
    if at + size >= len(words):
        return phrase.alone
    following = words[at + size]
    if following.kind != "operator":
        if following.kind == "name":
            if following.upper in OPERATORS and following.upper not in phrase.clauses:
                return _tight_bracket(words, at + size + 1) and bool(phrase.first.most)  # TALK CONTAINS(list, x)
            return bool(phrase.first.most) or following.upper in phrase.clauses or phrase.structural
        return True
    text = following.text
    if text == "(" and phrase.alone and size > 1 and _nothing_in_brackets(words, at + size):
        return True
    if text == "[":
        return bool(phrase.first.most) and (following.gap or size > 1)
    if text in ("(", "{", "#{", "${", "-", "!") or (text == "*" and size == 1):
        return bool(phrase.first.most) or (phrase.structural and bool(phrase.clauses))  # TRY(1) calls a SUB
    return text in ("=", "<", ">", "<>", "!=") and size > 1 and phrase.structural


def _tight_bracket(words: Sequence[Word], at: int) -> bool:
    return at < len(words) and words[at].text == "(" and not words[at].gap


def _nothing_in_brackets(words: Sequence[Word], at: int) -> bool:
    return _tight_bracket(words, at) and at + 1 < len(words) and words[at + 1].text == ")"


def opens_value(phrase: Phrase, size: int, words: Sequence[Word], at: int) -> bool:
    """Is this phrase, where an operand may stand, a keyword and not a variable?"""
    if not phrase.value:
        return False
    single = size == 1 and "_" not in words[at].upper
    if at + size >= len(words):
        return phrase.alone and (not single or words[at].upper == "HEAR")
    following = words[at + size]
    takes = bool(phrase.first.most)
    if following.kind == "operator":
        text = following.text
        if text == "(" and phrase.alone and not single and _nothing_in_brackets(words, at + size):
            return True  # LIST BOTS()
        if text in ("(", "[", "{", "#{", "${", "!"):
            return takes and not (text == "[" and single and not following.gap)
        if text in ("-", "+", "*") and takes:
            return not single
        return phrase.alone and not single and text not in (".", "?.")
    if following.kind == "name":
        if following.upper in OPERATORS:
            return phrase.alone and not single
        return takes or following.upper in phrase.clauses or (phrase.alone and not single)
    return takes


@lru_cache(maxsize=16)
def _lexicon(registry: Registry, version: str) -> Lexicon:
    return Lexicon(registry)


def lexicon(registry: Registry) -> Lexicon:
    """The phrases of a registry as it stands; made once a version."""
    return _lexicon(registry, registry.version)
