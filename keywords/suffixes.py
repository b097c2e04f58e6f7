"""Where the policies of a statement begin, when they stand behind it on its line.

`STEP 1: BOT "pay" "charge" RETRY 3 BACKOFF 5 TIMEOUT 60 COMPENSATE WITH BOT "pay" "refund"` is a statement and three
policies. COMPENSATE WITH and `ON ERROR:` take the rest of the line: what follows is their statement's own.
"""

from __future__ import annotations

from collections.abc import Sequence

from keywords.phrases import Lexicon, label
from keywords.scan import CLOSING, OPENING, Word

BEGIN = frozenset({"RETRY", "TIMEOUT", "CACHE", "COMPENSATE", "ON", "IF"})
MAY = frozenset(
    {"PARALLEL", "PARALLEL FOR EACH", "PARALLEL FOR", "RETURN", "THROW", "RETRY", "TIMEOUT", "CACHE"}
)  # structure words


def split(words: Sequence[Word], lexicon: Lexicon) -> list[list[Word]]:
    """The words of the statement, then those of each policy."""
    start = _statement(words)
    if start < 0 or not any(word.upper in BEGIN for word in words[start:]) or not _may(words[start:], lexicon):
        return [list(words)]
    pieces: list[list[Word]] = [[]]
    depth = 0
    for at, word in enumerate(words):
        if word.text in OPENING and word.kind == "operator":
            depth += 1
        elif word.text in CLOSING and word.kind == "operator":
            depth -= 1
        if at > start and not depth and _ends(words[at - 1]) and _begins(words, at, lexicon, len(pieces) > 1):
            pieces.append([])
            if word.upper in ("COMPENSATE", "ON"):
                pieces[-1] += words[at:]
                break
        pieces[-1].append(word)
    return pieces


def _statement(words: Sequence[Word]) -> int:
    """Where the statement begins behind its labels; -1 where there is none."""
    at = 0
    while (named := label(words[at:])) is not None:
        at += named[2]
        if named[0] == "LABEL":
            return -1
    return at


def _may(words: Sequence[Word], lexicon: Lexicon) -> bool:
    found = lexicon.opening(words)
    return found is None or not found[0].structural or found[0].text in MAY or " JOIN" in found[0].text


def _ends(word: Word) -> bool:
    """May a statement end with this word?"""
    return word.kind in ("name", "number", "string") or word.text in CLOSING


def _begins(words: Sequence[Word], at: int, lexicon: Lexicon, behind: bool) -> bool:
    """Does a policy begin here; `behind` another one?"""
    following = words[at + 1 : at + 3]
    if not following:
        return False
    match words[at].upper:
        case "RETRY" | "CACHE" | "TIMEOUT":
            return _amount(words, at + 1) and (behind or not _is_clause(words, at, lexicon))
        case "COMPENSATE":
            return following[0].upper == "WITH"
        case "ON":
            return [word.text.upper() for word in following] == ["ERROR", ":"] or following[0].upper == "TIMEOUT"
        case "IF":
            return [word.upper for word in following] == ["IN", "DOUBT"]
        case _:
            return False


def _amount(words: Sequence[Word], at: int) -> bool:
    """A number, a bracket, or the name of a variable that ends the policy."""
    word = words[at]
    if word.kind == "number" or (word.kind == "operator" and word.text == "("):
        return True
    if word.kind != "name":
        return False
    return at + 1 == len(words) or words[at + 1].upper in BEGIN or words[at + 1].upper == "BACKOFF"


def _is_clause(words: Sequence[Word], at: int, lexicon: Lexicon) -> bool:
    """Is the word here a clause of a keyword that stands before it? Then it is that keyword's own."""
    return any(
        _within(opening.words, words, at)
        for k in range(at)
        if words[k].kind == "name"
        for phrase, _ in lexicon.spelt(words, k)
        for openings in phrase.clauses.values()
        for opening in openings
    )


def _within(clause: Sequence[str], words: Sequence[Word], at: int) -> bool:
    """Does the word here belong to this clause, as CACHE in WITH CACHE?"""
    upper = words[at].upper
    if upper not in clause:
        return False
    start = at - clause.index(upper)
    return start >= 0 and [word.upper for word in words[start : start + len(clause)]] == list(clause)
