"""What a prompt asks for: one of ten task types, told from its words and shape alone.

The type is the first thing the router knows of a call: models differ more between types than between prompts of a type.
"""

from __future__ import annotations

import re
from typing import Literal, TypeAlias, get_args

TaskType: TypeAlias = Literal[
    "chat", "code", "creative", "extract", "math", "mcq", "mcq_math", "reasoning", "summarise", "translate"
]
TASK_TYPES: tuple[TaskType, ...] = get_args(TaskType)

_WORD = re.compile(r"\w+")
_HEAD, _TAIL = 3000, 800  # an instruction stands at either end of a long prompt; what is between is its material

_OPTION = re.compile(
    r"(?:^|[\n,;]|choices:|options:|(?<=\s))[ \t]*(?:\(([A-Ha-h1-6])\)|([A-H])[.)](?=\s)|option ([1-6A-F])\s*[:.])",
    re.I,
)
_NUMBER = re.compile(
    r"(?<![A-Za-z_])[-+]?\d[\d,]*(?:\.\d+)?%?|"
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|hundred|thousand|dozen|half|third|quarter|twice|"
    r"double|triple)\b",
    re.I,
)
_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(r"(?<![A-Za-z_])[-+]?\d[\d,]*(?:\.\d+)?%?")  # the numbers that are written in digits
_LATEX = re.compile(
    r"\\(?:d?frac|sqrt|sum|int|cdot|times|left|begin|mathbb|angle|leq?|geq?|pi|alpha|theta|[\[(])|"
    r"\$[^$\d][^$]*\$|\$\d[^$\s]*\$|"
    r"\d ?[=+*/^] ?[\da-z(]"
)
_MATH_WORDS = re.compile(
    r"\b(?:how (?:many|much|far|long|old|fast|high|tall|deep)|percent(?:age)?|average|probability|equation|integer|"
    r"remainder|derivative|integral|polynomial|triangle|solve|compute|calculate|evaluate|simplify|prove|sum of|"
    r"product of|ratio|total|twice|what (?:is|was|are|were) the|find the|discount|rate of|"
    r"quantos?|quantas?|cuántos?|calcule|calcula|resuelve|resolva)\b",
    re.I,
)
_CODE = re.compile(
    r"```|\bdef \w+\s*\(|\b(?:class|function|fn|func) \w+\s*[({:]|#include\b|\bimport \w+|"
    r"\bSELECT\b.{1,200}\bFROM\b|\bpublic (?:static|class)\b|\bconsole\.log\b|\bassert \w+\(|=> ?\{|"
    r"\b(?:write|create|implement|build|code|complete|fix|debug|refactor|generate|escreva|crie|escribe)\b.{0,60}?"
    r"\b(?:functions?|methods?|programs?|scripts?|classe?s?|quer(?:y|ies)|regex|api|endpoint|algorithm|code|lambda|"
    r"unit tests?|função|programa|código|función)\b|"
    r"\b(?:in|using|em|en) (?:python|java(?:script)?|typescript|c\+\+|rust|golang|sql|bash|php|ruby|kotlin|swift)\b|"
    r"\b(?:stack ?trace|traceback|syntax error|compile error|unit test)\b",
    re.I | re.S,
)


def _any(words: str) -> frozenset[str]:
    return frozenset(words.split())


_FIRST_OPTION = ("a.", "a)", "(1)", "option")  # what the first of several options is marked with
# A pattern is only tried on a text that holds one of the words without which it cannot match: most texts hold none.
_NUMBER_WORDS = _any(
    "two three four five six seven eight nine ten twelve twenty thirty hundred thousand dozen half third "
    "quarter twice double triple"
)
_MATH_SIGNS = _any(
    "how percent percentage average probability equation integer remainder derivative integral polynomial "
    "triangle solve compute calculate evaluate simplify prove sum product ratio total twice what find "
    "discount rate quantos quanto quantas quanta cuántos cuánto calcule calcula resuelve resolva"
)
_CODE_SIGNS = _any(
    "def class function fn func include import select public console assert functions method methods "
    "program programs script scripts classe classes query queries regex api endpoint algorithm code "
    "lambda unit tests função programa código función python java javascript typescript c rust golang sql "
    "bash php ruby kotlin swift stack stacktrace traceback syntax compile"
)


def _asks(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})\b", re.I | re.S)


_Sign = tuple[TaskType, frozenset[str], re.Pattern[str]]
_MATERIAL: tuple[_Sign, ...] = (  # what to do with a material: its numbers mean nothing
    (
        "translate",
        _any("translate translation traduza traduzi traduzir traduce traduci traducir traduire"),
        _asks(r"translat(?:e|ion)|traduz[ai]|traduzir|traduc[ei]|traducir|übersetz\w*|traduire"),
    ),
    (
        "summarise",
        _any(
            "summarize summarise summary tl tldr sentence sentences key main resuma resume resumo resumir "
            "condense shorten abstract"
        ),
        _asks(
            r"summari[sz]e|summary|tl;?dr|in (?:one|two|a few) sentences?|key points|main points|resum[aeo]|resumir|"
            r"condense|shorten|abstract of"
        ),
    ),
    (
        "extract",
        _any(
            "extract classify classification categorize categorise label sentiment named json category parse fill "
            "extraia classifique clasifica extrae"
        ),
        _asks(
            r"extract|classif(?:y|ication)|categori[sz]e|label (?:the|each|this)|sentiment|named entit\w+|json|"
            r"which category|parse|fill in the fields|extraia|classifique|clasifica|extrae"
        ),
    ),
)
_MANNER: tuple[_Sign, ...] = (
    (
        "creative",
        _any(
            "poem haiku story lyrics song slogan tagline essay blog limerick screenplay dialogue mail email "
            "letter article post speech tweet caption carta poema"
        ),
        _asks(
            r"poem|haiku|story|lyrics|song|slogan|tagline|essay|blog post|limerick|screenplay|dialogue between|"
            r"(?:write|draft|compose|escreva|escribe|crie)\b.{0,40}\b(?:e?-?mail|letter|article|post|speech|tweet|"
            r"caption|carta|poema)"
        ),
    ),
    (
        "reasoning",
        _any(
            "step puzzle riddle logic logical logically deduce infer explain therefore must if premise constraint "
            "trade tradeoff tradeoffs pros root analyze analyse compare"
        ),
        _asks(
            r"step[- ]by[- ]step|puzzle|riddle|logic(?:al|ally)?|deduce|infer|explain why|therefore|must be true|"
            r"if .{3,80} then|premise|constraint|trade-?offs?|pros and cons|root cause|analy[sz]e|compare"
        ),
    ),
)


def excerpt(prompt: str) -> str:
    """The part of a prompt that is looked at: all of a short one, both ends of a long one."""
    return prompt if len(prompt) <= _HEAD + _TAIL else f"{prompt[:_HEAD]}\n{prompt[-_TAIL:]}"


def words_of(text: str) -> frozenset[str]:
    """The words of a text in lower case."""
    return frozenset(_WORD.findall(text.lower()))


def options(text: str) -> int:
    """How many lettered or numbered answers the text offers; 0 for fewer than two in order."""
    lower = text.lower()
    if not any(sign in lower for sign in _FIRST_OPTION):
        return 0
    offered = 0
    for match in _OPTION.finditer(text):
        mark = (match[1] or match[2] or match[3]).upper()
        rank = int(mark) if mark.isdigit() else ord(mark) - 64
        if rank == offered + 1:
            offered = rank
    return offered if offered >= 2 else 0


def numbers(text: str, words: frozenset[str]) -> int:
    """How many numbers the text, which has these words, names."""
    if words.isdisjoint(_NUMBER_WORDS):
        return len(_DIGITS.findall(text)) if _DIGIT.search(text) else 0
    return len(_NUMBER.findall(text))


def mathematical(text: str, words: frozenset[str], named: int) -> bool:
    """Whether the text, which has these words and numbers, asks for a calculation or is set as mathematics."""
    if _LATEX.search(text):
        return True
    if named >= 2 and not words.isdisjoint(_MATH_SIGNS) and _MATH_WORDS.search(text):
        return True
    return named >= 4 and "?" in text


def task_type(prompt: str) -> TaskType:
    """The task type of a prompt; "chat" when nothing tells more."""
    text = excerpt(prompt)
    words = words_of(text)
    return task_of(text, words, options(text), mathematical(text, words, numbers(text, words)))


def task_of(text: str, words: frozenset[str], offered: int, calculates: bool) -> TaskType:
    """The task type of an excerpt of which the words, the options and the mathematics are already known."""
    if offered:
        return "mcq_math" if calculates and _calculates_before_options(text) else "mcq"
    if (code := _code(text, words)) and (code[0].startswith("```") or not _LATEX.search(text)):
        return "code"
    instruction = text if len(text) <= 1200 else f"{text[:400]}\n{text[-400:]}"
    for task, signs, pattern in _MATERIAL:
        if (not words.isdisjoint(signs) or (task == "translate" and "ü" in text)) and pattern.search(instruction):
            return task
    if calculates:
        return "math"
    for task, signs, pattern in _MANNER:
        if not words.isdisjoint(signs) and pattern.search(instruction):
            return task
    return "chat"


def _code(text: str, words: frozenset[str]) -> re.Match[str] | None:
    if words.isdisjoint(_CODE_SIGNS) and "```" not in text and "=>" not in text:
        return None
    return _CODE.search(text)


def _calculates_before_options(text: str) -> bool:
    """Whether the question itself calculates; numbers among the answers alone are no calculation."""
    if _LATEX.search(text):
        return True
    first = _OPTION.search(text, 1)
    question = text[: first.start()] if first else text
    words = words_of(question)
    return mathematical(question, words, numbers(question, words))
