"""What can be put on the canvas: the steps of the palette, blocks to wrap steps in, branches to add to blocks.

Each is a few lines of BASIC; `{step}` is the next free number. What an item needs from people stays empty: their first
fields are open when it appears. Any other keyword can be put there as well, by its example.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from designer.outline import Card, Outline
from designer.refusals import NotHere
from keywords.registry import Keyword, Registry

_STEPS = re.compile(r"^\s*STEP\s+([0-9]{1,9})\s*:", re.IGNORECASE | re.MULTILINE)
_EACH = re.compile(r"([^\W\d]\w*)\s+(?:in|em|de)\s+(.+)", re.IGNORECASE)
_OF_KEYWORD = "keyword:"


@dataclass(frozen=True, slots=True)
class Item:
    """A step of the palette. `slot` is what words typed behind its name fill: `say hello`."""

    id: str
    called: str  # English; the key of its translation
    hint: str
    icon: str
    hue: str
    text: str
    slot: str = ""
    words: str = ""  # other words it is found by
    then: str = ""  # the slot of what is typed behind a colon: `bot triage: Sort this request`


ITEMS: tuple[Item, ...] = (
    Item(
        "bot", "Bot agent", "Ask a bot to do something", "bot", "blue",
        'STEP {step}: BOT "" ""\n', "name", "ask", "message",
    ),
    Item(
        "approval", "Human approval", "Wait until a person says yes", "person", "amber",
        'STEP {step}: HUMAN APPROVAL FROM "" MESSAGE ""\n  TIMEOUT 86400\n  ON TIMEOUT: REJECT\n',
        "approvers", "approve person", "message",
    ),
    Item(
        "condition", "Condition", "Go one way or another", "fork", "violet",
        "IF TRUE THEN\nELSE\nEND IF\n", "condition", "if branch decide when",
    ),
    Item(
        "loop", "Loop", "Do it for each item of a list", "loop", "violet",
        "FOR EACH item IN []\nNEXT item\n", "in", "for each repeat",
    ),
    Item(
        "while", "Repeat while", "Do it as long as something is so", "loop", "violet",
        "WHILE FALSE\nWEND\n", "condition", "loop until",
    ),
    Item(
        "parallel", "Parallel", "Do several things at the same time", "parallel", "violet",
        'STEP {step}: PARALLEL\n  BRANCH a:\n    BOT "" ""\n  BRANCH b:\n    BOT "" ""\nEND PARALLEL\n',
        "", "together both branches",
    ),
    Item(
        "publish", "Publish event", "Tell everybody who listens", "signal", "green",
        'PUBLISH EVENT ""\n', "name", "emit tell",
    ),
    Item(
        "wait", "Wait for event", "Go on when something happens", "ear", "green",
        'STEP {step}: WAIT FOR EVENT "" TIMEOUT 86400\n', "name", "listen until",
    ),
    Item("llm", "Ask AI", "Ask a language model", "spark", "blue", 'answer = LLM ""\n', "prompt", "llm model prompt"),
    Item(
        "share", "Share memory", "Let another bot see what is remembered", "share", "teal",
        'BOT SHARE MEMORY "" WITH ""\n', "key", "give",
    ),
    Item(
        "sync", "Sync memory", "Fetch what another bot shares", "sync", "teal",
        'BOT SYNC MEMORY FROM ""\n', "bot", "fetch",
    ),
    Item("delay", "Delay", "Wait some seconds", "clock", "green", "DELAY 60\n", "seconds", "pause sleep timer"),
    Item("say", "Say", "Say something to the person", "speech", "blue", 'TALK ""\n', "message", "talk tell print"),
    Item("set", "Set", "Remember a value under a name", "equals", "grey", 'name = ""\n', "value", "variable assign"),
    Item(
        "call", "Call workflow", "Run another workflow and go on with its answer", "flow", "blue",
        'CALL WORKFLOW ""\n', "name", "run subflow",
    ),
    Item("note", "Note", "Write down why", "note", "grey", "' Note\n", "note", "comment remark"),
)  # fmt: skip
BY_ID: Mapping[str, Item] = {item.id: item for item in ITEMS}


@dataclass(frozen=True, slots=True)
class Wrapping:
    """Lines above and below a step; `depth` levels deeper it stands then."""

    called: str
    opening: tuple[str, ...]
    closing: tuple[str, ...]
    depth: int = 1


WRAPPINGS: Mapping[str, Wrapping] = {
    "if": Wrapping("a condition", ("IF TRUE THEN",), ("END IF",)),
    "loop": Wrapping("a loop", ("FOR EACH item IN []",), ("NEXT item",)),
    "while": Wrapping("a loop", ("WHILE FALSE",), ("WEND",)),
    "parallel": Wrapping("parallel branches", ("PARALLEL", "  BRANCH a:"), ("  BRANCH b:", "END PARALLEL"), 2),
    "try": Wrapping("an attempt", ("TRY",), ("CATCH", "END TRY")),
}


@dataclass(frozen=True, slots=True)
class Branching:
    """A line that heads another branch of a block."""

    called: str
    text: str
    before_else: bool = False
    depth: int = 0


def ways_of(card: Card, outline: Outline) -> dict[str, Branching]:
    """The branches that may be added to a block, the likeliest first."""
    heads = [way.line.text.upper().split() if way.line else [] for way in card.ways]
    if card.node.head is not None and card.node.close is not None and card.node.close.text.strip() == "}":
        return {}  # written with braces: in the code
    match card.kind:
        case "if":
            has = any(words[:1] == ["ELSE"] and words[1:2] != ["IF"] for words in heads)
            elseif = Branching("another condition", "ELSE IF TRUE THEN", before_else=True)
            return {"elseif": elseif} if has else {"else": Branching("otherwise", "ELSE"), "elseif": elseif}
        case "select" | "switch":
            has = any(words[:2] == ["CASE", "ELSE"] or words[:1] in (["DEFAULT"], ["DEFAULT:"]) for words in heads)
            case_ = Branching("a case", 'CASE ""', before_else=True, depth=1)
            return {"case": case_} if has else {"case": case_, "default": Branching("otherwise", "CASE ELSE", depth=1)}
        case "parallel":
            return {"branch": Branching("a branch", f"BRANCH {_free_label(card)}:", depth=1)}
        case "try":
            return {} if any(words[:1] == ["CATCH"] for words in heads) else {"catch": Branching("a rescue", "CATCH")}
        case _:
            return {}


def _free_label(card: Card) -> str:
    used = {re.sub(r"^\s*BRANCH\s+\"?([^:\"]*).*", r"\1", w.line.text, flags=re.I | re.S).strip().casefold()
            for w in card.ways if w.line}  # fmt: skip
    letters = (f"{chr(97 + k % 26)}{'' if k < 26 else k // 26}" for k in range(10_000))
    return next(letter for letter in letters if letter not in used)


def palette_text(item_id: str, registry: Registry, program: str) -> tuple[str, str]:
    """The lines of an item of the palette, and what it is called."""
    if item_id.startswith(_OF_KEYWORD):
        name = item_id.removeprefix(_OF_KEYWORD)
        if name not in registry or registry[name].group == "internal":
            raise NotHere(f"There is no keyword {name[:60]}.")
        return registry[name].example.rstrip("\n") + "\n", registry[name].name.title()
    item = BY_ID.get(item_id)
    if item is None:
        raise NotHere(f"The palette has no {item_id[:60]!r}. It has: {', '.join(BY_ID)}.")
    text = item.text
    return text.replace("{step}", str(next_step(program))) if "{step}" in text else text, item.called


def meant(gesture: Mapping[str, Any]) -> Mapping[str, Any]:
    """An item with what was typed behind its name: `loop order in orders` names what goes around."""
    found = _EACH.fullmatch(str(gesture.get("value") or ""))
    if gesture.get("item") != "loop" or found is None:
        return gesture
    return {**gesture, "name": found[1], "value": found[2]}


def next_step(program: str) -> int:
    """The number that the next STEP gets."""
    return max((int(found) for found in _STEPS.findall(program)), default=0) + 1


def renumbered(lines: Sequence[str], program: str) -> list[str]:
    """Copied lines, their steps with numbers that the program does not have yet."""
    used = {int(found) for found in _STEPS.findall(program)}
    free = max(used, default=0) + 1
    found: list[str] = []
    for line in lines:
        step = _STEPS.match(line)
        if step is not None and int(step[1]) in used:
            line, free = line[: step.start(1)] + str(free) + line[step.end(1) :], free + 1
        found.append(line)
    return found


def items(registry: Registry) -> tuple[Item, ...]:
    """The steps of the palette, and behind them the keywords that plugins mark for it."""
    return (*ITEMS, *(_keyword_item(keyword) for keyword in _others(registry) if keyword.palette))


def item_of(item_id: str, registry: Registry) -> Item | None:
    """The item of the palette that is called so."""
    return BY_ID.get(item_id) or next((item for item in items(registry) if item.id == item_id), None)


def more(registry: Registry) -> Iterator[Item]:
    """Every other keyword that acts, for the menu; those of plugins come first."""
    return (_keyword_item(keyword) for keyword in _others(registry) if not keyword.palette)


def _others(registry: Registry) -> Iterator[Keyword]:
    for keyword in sorted(registry, key=lambda k: (not k.plugin, k.group, k.name)):
        if keyword.group != "internal" and not keyword.announced and keyword.example:
            yield keyword


def _keyword_item(keyword: Keyword) -> Item:
    called = keyword.name.capitalize() if keyword.palette else keyword.name
    icon, hue = ("plug", "teal") if keyword.plugin else ("word", "grey")
    slot = next((slot.name for slot in keyword.forms[0].slots), "") if keyword.palette else ""
    words = f"{keyword.group} {keyword.name.casefold()}"
    return Item(_OF_KEYWORD + keyword.name, called, keyword.summary, icon, hue, keyword.example, slot, words)
