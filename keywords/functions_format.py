"""FORMAT: numbers and dates by a pattern, in the notations that packages use.

Numbers: `0`, `0.00`, `#,##0.00`, `0%`, `R$ #,##0.00`, `0000`, and the short forms N2, C2, F2, P1 with `[pt]` for a
decimal comma. Dates: yyyy yy MMMM MMM MM M dddd ddd dd d HH H hh h mm m ss s fff tt, in either case; `mm` next to
hours or seconds is minutes, else months.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from keywords.function import Function, of, words
from keywords.functions_number import rounded
from keywords.host import Value
from keywords.operators import calculable, instant, read_date
from keywords.values import is_number, text

_SHORT = re.compile(r"([NCFP])(\d{0,2})(\[(\w+)\])?", re.IGNORECASE)
_DIGITS = re.compile(r"[#0][#0,]*(?:\.[#0]+)?")
_TOKENS = re.compile(r"yyyy|yy|mmmm|mmm|mm|m|dddd|ddd|dd|d|hh|h|ss|s|fff|tt|am/pm|[^ymdhsfta]+|.", re.IGNORECASE)
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def formatted(value: Value, pattern: Value = None) -> str:
    """The value in the pattern; a value the pattern does not fit is shown as it is."""
    if pattern is None or value is None:
        return text(value)
    shape = words(pattern)
    day = read_date(value) if isinstance(value, str) else value
    if isinstance(day, date):
        return _date(instant(day), shape)
    if isinstance(value, bool) or not (is_number(value) or isinstance(value, str)):
        return text(value)
    amount = calculable(value)
    return text(value) if amount is None else _number(amount, shape)


def _number(amount: float, shape: str) -> str:
    if short := _SHORT.fullmatch(shape):
        kind, digits = short[1].upper(), int(short[2] or 2)
        comma = (short[4] or "").casefold() in ("pt", "de", "es", "fr", "it")
        if kind == "P":
            return _localised(_fixed(amount * 100, digits, grouped=True), comma) + "%"
        body = _localised(_fixed(abs(amount), digits, grouped=kind != "F"), comma)
        currency = ("R$ " if (short[4] or "").casefold() == "pt" else "$") if kind == "C" else ""
        return ("-" if amount < 0 else "") + currency + body
    found = _DIGITS.search(shape)
    if not found:
        return text(amount)
    if "%" in shape:
        amount *= 100
    body = _patterned(abs(amount), found[0])
    return ("-" if amount < 0 else "") + shape[: found.start()] + body + shape[found.end() :]


def _patterned(amount: float, digits: str) -> str:
    whole, _, fraction = digits.partition(".")
    shown = _fixed(amount, len(fraction), grouped="," in whole)
    front, dot, back = shown.partition(".")
    while len(back) > len(fraction.rstrip("#")) and back.endswith("0"):
        back = back[:-1]
    least = whole.count("0")
    if "," not in whole:
        front = front.zfill(least) if least else front.lstrip("0")
    return front + (dot + back if back else "")


def _fixed(amount: float, digits: int, *, grouped: bool) -> str:
    exact = rounded(amount, digits)
    return format(exact, f",.{digits}f" if grouped else f".{digits}f")


def _localised(shown: str, comma: bool) -> str:
    return shown.translate(str.maketrans(",.", ".,")) if comma else shown


def _date(when: datetime, shape: str) -> str:
    tokens = _TOKENS.findall(shape)
    folded = [token.casefold() for token in tokens]
    twelve = "tt" in folded or "am/pm" in folded
    parts: list[str] = []
    for at, token in enumerate(folded):
        around = [t for t in (*folded[max(0, at - 2) : at][::-1], *folded[at + 1 : at + 3]) if t[0] in "hsymd"]
        if token in ("mm", "m") and _is_minutes(folded, at, tokens[at], around):
            parts.append(f"{when.minute:0{len(token)}}")
        else:
            parts.append(_token(when, token, tokens[at], twelve))
    return "".join(parts)


def _is_minutes(folded: list[str], at: int, token: str, around: list[str]) -> bool:
    before = next((t for t in reversed(folded[:at]) if t[0] in "hsymd"), "")
    after = next((t for t in folded[at + 1 :] if t[0] in "hsymd"), "")
    return before[:1] == "h" or after[:1] == "s" or (token.islower() and not around)


def _token(when: datetime, token: str, written: str, twelve: bool) -> str:
    hour = when.hour % 12 or 12
    match token:
        case "yyyy":
            return f"{when.year:04}"
        case "yy":
            return f"{when.year % 100:02}"
        case "mmmm":
            return _MONTHS[when.month - 1]
        case "mmm":
            return _MONTHS[when.month - 1][:3]
        case "mm" | "m":
            return f"{when.month:0{len(token)}}"
        case "dddd":
            return _DAYS[when.weekday()]
        case "ddd":
            return _DAYS[when.weekday()][:3]
        case "dd" | "d":
            return f"{when.day:0{len(token)}}"
        case "hh" | "h":
            return f"{hour if twelve else when.hour:0{len(token)}}"
        case "ss" | "s":
            return f"{when.second:0{len(token)}}"
        case "fff":
            return f"{when.microsecond // 1000:03}"
        case "tt" | "am/pm":
            return "AM" if when.hour < 12 else "PM"
        case _:
            return written


def clock(value: Value, pattern: Value = "HH:mm") -> str:
    """The time of day, as in 14:30."""
    return formatted(value, pattern)


TABLE: tuple[Function, ...] = (of("FORMAT", formatted, 1, 2), of("FORMAT_TIME", clock, 1, 2))
