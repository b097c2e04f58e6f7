"""The date a question names: "on 3 May 2023", "in January", "2024-02-29"."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MONTHS = {
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8,
    "september": 9, "october": 10, "november": 11, "december": 12,
}  # fmt: skip
_MONTH = re.compile(
    r"\b(?:(?i:January|February|March|April|June|July|August|September|October|November|December)|May)\b"
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_DAY = re.compile(r"\b([1-9]|[12]\d|3[01])(?i:st|nd|rd|th)?\b")
_ISO = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")


@dataclass(frozen=True, slots=True)
class Named:
    """Days of the month, months and years that a text names."""

    days: frozenset[int]
    months: frozenset[int]
    years: frozenset[int]


def named(text: str) -> Named:
    """What a text says of a date. A number is a day only beside a month; `may` is a month only as `May`."""
    iso = [tuple(map(int, found)) for found in _ISO.findall(text)]
    rest = _ISO.sub(" ", text)
    months = {_MONTHS[word.lower()] for word in _MONTH.findall(rest)}
    days = {int(day) for day in _DAY.findall(rest)} if months else set[int]()
    years = {int(year) for year in _YEAR.findall(rest)}
    return Named(
        frozenset(days | {day for _, _, day in iso}),
        frozenset(months | {month for _, month, _ in iso}),
        frozenset(years | {year for year, _, _ in iso}),
    )
