"""What the keywords accept: names, sizes and times, each refused with the sentence its author needs.

Sizes are checked here, before anything is queued for a commit, so that no row can make a batch fail.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from datetime import timedelta

from keywords.encode import plain
from keywords.host import Value
from keywords.mistakes import LimitReached, WrongValue
from keywords.values import sound, text

EVENT_NAME = 200  # characters
EVENT_DATA = 256 * 1024  # bytes of JSON
MEMORY_KEY = 512  # bytes of UTF-8
MEMORY_VALUE = 1024 * 1024  # bytes of UTF-8
MESSAGE = 1024 * 1024  # bytes of UTF-8, of one TALK or one prompt
PEOPLE = 50  # who may be asked for one approval
LONGEST = timedelta(days=3660)  # any wait; beyond it a date would not be one


def name_of(what: str, value: Value, most: int = EVENT_NAME) -> str:
    """The name that a value stands for: text that is not empty, holds no control characters and is not too long."""
    if not isinstance(value, str) or not value.strip():
        raise WrongValue(f"The name of {what} must be text that is not empty, not {shown(value)}.")
    name = value.strip()
    if not (name.isascii() and name.isprintable()):
        name = unicodedata.normalize("NFC", name)
        if any(unicodedata.category(c) in {"Cc", "Cs"} for c in name):
            raise WrongValue(f"The name of {what} must not hold control characters; {shown(value)} does.")
    if len(name) > most:
        raise LimitReached(f"The name of {what} may have at most {most} characters; this one has {len(name)}.")
    return name


def event_name(value: Value) -> str:
    """The name of an event; the parts between its dots must not be the wildcards `*` and `>`."""
    name = name_of("an event", value)
    if ("*" in name or ">" in name) and any(part in {"*", ">"} for part in name.split(".")):
        raise WrongValue(f"{shown(name)} is a pattern, not the name of one event: write names without * and >.")
    return name


def event_data(value: Value) -> Value:
    """What an event carries, as ordinary JSON of at most 256 KB."""
    if value is None:
        return None
    data = plain(value)
    size = len(json.dumps(data, ensure_ascii=False).encode())
    if size > EVENT_DATA:
        raise LimitReached(
            f"An event may carry at most {EVENT_DATA // 1024} KB; this one carries {size // 1024} KB. "
            "Put the data into bot memory and publish its key."
        )
    return data


def memory_key(value: Value) -> str:
    """The key of a memory: 1 to 512 bytes, in Unicode normal form C, without control characters."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = text(value)
    if not isinstance(value, str) or not value:
        raise WrongValue(f"The key of a memory must be text that is not empty, not {shown(value)}.")
    if value.isascii() and value.isprintable() and len(value) <= MEMORY_KEY:  # nearly all
        return value
    key = unicodedata.normalize("NFC", value)
    if any(unicodedata.category(c) in {"Cc", "Cs"} for c in key):
        raise WrongValue("The key of a memory must not hold control characters such as line ends.")
    size = len(key.encode())
    if size > MEMORY_KEY:
        raise LimitReached(f"The key of a memory may have at most {MEMORY_KEY} bytes; this one has {size}.")
    return key


def memory_value(value: Value) -> str:
    """What is remembered: text as it is, NULL as nothing, everything else as TALK would say it (objects as JSON)."""
    return sound(within("A memory", text(value), MEMORY_VALUE))


def memory_pattern(value: Value) -> tuple[str, bool]:
    """What a share names: a key, or with a `*` at its end all keys that begin so."""
    key = memory_key(value)
    return (key[:-1], True) if key.endswith("*") else (key, False)


def message(value: Value, what: str = "A message") -> str:
    """What is said to a person, a bot or a model, as text of at most 1 MB."""
    return within(what, text(value), MESSAGE)


def within(what: str, content: str, most: int) -> str:
    """The content, unless it is larger than `most` bytes."""
    size = len(content.encode("utf-8", "surrogatepass"))
    if size > most:
        raise LimitReached(f"{what} may have at most {most // 1024:,} KB; this one has {size // 1024:,} KB.")
    return content


def seconds(what: str, value: Value, least: float = 0.0, most: timedelta = LONGEST) -> timedelta:
    """A time given in seconds, as a number or as text that is one."""
    amount = number(what, value)
    if amount < least:
        raise WrongValue(f"{what} needs {least:g} seconds or more, not {shown(value)}.")
    if amount > most.total_seconds():
        raise LimitReached(f"{what} may last at most {most.days} days; {shown(value)} seconds are more.")
    return timedelta(seconds=amount)


def timeout(what: str, value: Value) -> timedelta | None:
    """A positive number of seconds; NULL or nothing given means that there is no limit."""
    if value is None:
        return None
    found = seconds(f"TIMEOUT of {what}", value)
    if not found:
        raise WrongValue(f"TIMEOUT of {what} needs a number of seconds greater than 0, not {shown(value)}.")
    return found


def number(what: str, value: Value) -> float:
    """A number, or text that is one."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise WrongValue(f"{what} needs a number, not {shown(value)}.") from None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) == float("inf"):
        raise WrongValue(f"{what} needs a number, not {shown(value)}.")
    return float(value)


def people(value: Value) -> list[str]:
    """Who is asked: names or addresses, given one by one, as a list, or as text with commas."""
    found: list[str] = []

    def add(one: Value) -> None:
        if isinstance(one, str):
            found.extend(part.strip() for part in one.split(",") if part.strip())
        elif isinstance(one, Sequence):
            for each in one:
                add(each)
        else:
            raise WrongValue(f"HUMAN APPROVAL FROM needs the name or address of a person, not {shown(one)}.")

    add(value)
    names = list(dict.fromkeys(name_of("a person", one, most=320) for one in found))
    if not names:
        raise WrongValue("HUMAN APPROVAL FROM needs the name or address of at least one person.")
    if len(names) > PEOPLE:
        raise LimitReached(f"HUMAN APPROVAL may ask at most {PEOPLE} people; this one asks {len(names)}.")
    return names


def shown(value: Value) -> str:
    """A value as an error message shows it: short, and text in quotes."""
    content = "NULL" if value is None else f'"{value}"' if isinstance(value, str) else text(value)
    content = "".join(c if c.isprintable() else "?" for c in content)
    return content if len(content) <= 60 else content[:57] + "..."
