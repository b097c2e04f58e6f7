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


def _asks(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})\b", re.I | re.S)


_MATERIAL: tuple[tuple[TaskType, re.Pattern[str]], ...] = (  # what to do with a material: its numbers mean nothing
    ("translate", _asks(r"translat(?:e|ion)|traduz[ai]|traduzir|traduc[ei]|traducir|übersetz\w*|traduire")),
    (
        "summarise",
        _asks(
            r"summari[sz]e|summary|tl;?dr|in (?:one|two|a few) sentences?|key points|main points|resum[aeo]|resumir|"
            r"condense|shorten|abstract of"
        ),
    ),
    (
        "extract",
        _asks(
            r"extract|classif(?:y|ication)|categori[sz]e|label (?:the|each|this)|sentiment|named entit\w+|json|"
            r"which category|parse|fill in the fields|extraia|classifique|clasifica|extrae"
        ),
    ),
)
_MANNER: tuple[tuple[TaskType, re.Pattern[str]], ...] = (
    (
        "creative",
        _asks(
            r"poem|haiku|story|lyrics|song|slogan|tagline|essay|blog post|limerick|screenplay|dialogue between|"
            r"(?:write|draft|compose|escreva|escribe|crie)\b.{0,40}\b(?:e?-?mail|letter|article|post|speech|tweet|"
            r"caption|carta|poema)"
        ),
    ),
    (
        "reasoning",
        _asks(
            r"step[- ]by[- ]step|puzzle|riddle|logic(?:al|ally)?|deduce|infer|explain why|therefore|must be true|"
            r"if .{3,80} then|premise|constraint|trade-?offs?|pros and cons|root cause|analy[sz]e|compare"
        ),
    ),
)


def excerpt(prompt: str) -> str:
    """The part of a prompt that is looked at: all of a short one, both ends of a long one."""
    return prompt if len(prompt) <= _HEAD + _TAIL else f"{prompt[:_HEAD]}\n{prompt[-_TAIL:]}"


def options(text: str) -> int:
    """How many lettered or numbered answers the text offers; 0 for fewer than two in order."""
    offered = 0
    for match in _OPTION.finditer(text):
        mark = (match[1] or match[2] or match[3]).upper()
        rank = int(mark) if mark.isdigit() else ord(mark) - 64
        if rank == offered + 1:
            offered = rank
    return offered if offered >= 2 else 0


def numbers(text: str) -> int:
    """How many numbers the text names."""
    return len(_NUMBER.findall(text))


def mathematical(text: str) -> bool:
    """Whether the text asks for a calculation or is set as mathematics."""
    if _LATEX.search(text):
        return True
    named = numbers(text)
    return (named >= 2 and bool(_MATH_WORDS.search(text))) or (named >= 4 and "?" in text)


def task_type(prompt: str) -> TaskType:
    """The task type of a prompt; "chat" when nothing tells more."""
    text = excerpt(prompt)
    return task_of(text, options(text), mathematical(text))


def task_of(text: str, offered: int, calculates: bool) -> TaskType:
    """The task type of an excerpt of which the options and the mathematics are already known."""
    if offered:
        return "mcq_math" if calculates and _calculates_before_options(text) else "mcq"
    if (code := _CODE.search(text)) and (code[0].startswith("```") or not _LATEX.search(text)):
        return "code"
    instruction = text if len(text) <= 1200 else f"{text[:400]}\n{text[-400:]}"
    for task, pattern in _MATERIAL:
        if pattern.search(instruction):
            return task
    if calculates:
        return "math"
    for task, pattern in _MANNER:
        if pattern.search(instruction):
            return task
    return "chat"


def _calculates_before_options(text: str) -> bool:
    """Whether the question itself calculates; numbers among the answers alone are no calculation."""
    if _LATEX.search(text):
        return True
    first = _OPTION.search(text, 1)
    return mathematical(text[: first.start()] if first else text)
