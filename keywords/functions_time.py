"""Built-in functions for dates and times, in UTC. Weekdays count from 1, Sunday."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, timedelta

from keywords.function import Function, amount, moment, of, whole, words
from keywords.host import Value
from keywords.mistakes import UnknownName, WrongValue
from keywords.operators import add, instant, read_date
from keywords.values import is_number, kind_of, number
from keywords.world import World

_UNITS: dict[str, str] = {
    alias: unit
    for unit, aliases in {
        "year": "y yy yyyy year years",
        "quarter": "q quarter quarters",
        "month": "m mo mon month months",
        "week": "w ww week weeks",
        "day": "d dd day days",
        "hour": "h hh hour hours",
        "minute": "n mi min minute minutes",
        "second": "s ss sec second seconds",
    }.items()
    for alias in aliases.split()
}
_SECONDS = {"week": 604_800, "day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
_MONTHS = {"year": 12, "quarter": 3, "month": 1}


def _unit(value: Value) -> str | None:
    return _UNITS.get(value.strip().casefold()) if isinstance(value, str) else None


def _sorted(given: tuple[Value, ...]) -> tuple[list[Value], str]:
    """The arguments without the unit, and the unit, wherever it stood."""
    rest = list(given)
    for at, value in enumerate(given):
        if unit := _unit(value):
            del rest[at]
            if len(rest) == 1:
                raise WrongValue(f"Two dates, or a date and a number, belong to the unit {unit}.")
            return rest, unit
    if len(given) == 3:
        raise UnknownName("unit of time", words(given[-1]), _UNITS, f"There are {', '.join(_SECONDS | _MONTHS)}.")
    return rest, "day"


def shifted(*given: Value) -> Value:
    """DATEADD(date, n, unit), (date, unit, n) or (unit, n, date)."""
    (one, two), unit = _sorted(given)
    day, count = (two, one) if is_number(one) else (one, two)
    start = moment(day)
    if unit in _MONTHS:
        return _months_later(start, whole(count) * _MONTHS[unit])
    span = _span(amount(count) * _SECONDS[unit])
    return add(start, span)


def _months_later(start: date, months: int) -> date:
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        raise WrongValue("The date would lie outside the years 1 to 9999.")
    return start.replace(year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1]))


def _span(seconds: float) -> timedelta:
    try:
        return timedelta(seconds=seconds)
    except OverflowError:
        raise WrongValue("The span of time is too long.") from None


def difference(*given: Value) -> int:
    """DATEDIFF(a, b[, unit]) or (unit, a, b): b minus a; days and longer by the calendar, shorter ones complete."""
    (one, two), unit = _sorted(given)
    start, end = moment(one), moment(two)
    if unit in _MONTHS:
        months = (end.year - start.year) * 12 + end.month - start.month
        return end.year - start.year if unit == "year" else months // _MONTHS[unit]
    if unit in ("day", "week"):
        days = end.toordinal() - start.toordinal()
        return days if unit == "day" else int(days / 7)
    return int((instant(end) - instant(start)).total_seconds() / _SECONDS[unit])


def _part(read: Callable[[datetime], int]) -> Callable[..., int]:
    def part(world: World, value: Value = None) -> int:
        return read(world.now if value is None else instant(moment(value)))

    return part


def _between(unit: str) -> Callable[[Value, Value], int]:
    return lambda start, end: difference(start, end, unit)


def _later(unit: str) -> Callable[[Value, Value], Value]:
    return lambda day, count: shifted(day, count, unit)


def _spans(unit: str) -> Callable[[Value], timedelta]:
    return lambda count: _span(amount(count) * _SECONDS[unit])


def month_end(value: Value, months: Value = 0) -> date:
    later = _months_later(moment(value), whole(months))
    return date(later.year, later.month, monthrange(later.year, later.month)[1])


def day_of(*given: Value) -> Value:
    """DATE(y, m, d), or the day of a time."""
    if len(given) == 3:
        try:
            return date(*map(whole, given))
        except (ValueError, OverflowError):
            raise WrongValue("There is no such day in the calendar.") from None
    found = moment(given[0])
    return found.date() if isinstance(found, datetime) else found


def now(world: World) -> datetime:
    return world.now


def today(world: World) -> date:
    return world.now.date()


def date_value(value: Value) -> Value:
    return read_date(words(value))


def time_value(value: Value) -> timedelta:
    """The time of the day of "14:30", "14:30:15" or a moment, as the span since midnight."""
    found = re.fullmatch(r"\s*(\d{1,2}):(\d{2})(?::(\d{2}))?\s*", value, re.ASCII) if isinstance(value, str) else None
    if found is None:
        at = moment(value)
        hour, minute, second = (at.hour, at.minute, at.second) if isinstance(at, datetime) else (0, 0, 0)
    else:
        hour, minute, second = (int(part or 0) for part in found.groups())
    if hour > 23 or minute > 59 or second > 59:
        raise WrongValue(f"A time of the day lies between 00:00 and 23:59:59; {kind_of(value)} does not.")
    return timedelta(hours=hour, minutes=minute, seconds=second)


def unix(world: World, value: Value = None) -> int | float:
    return number(int((world.now if value is None else instant(moment(value))).timestamp()))


TABLE: tuple[Function, ...] = (
    Function("NOW", now, 0, 0),
    Function("TODAY", today, 0, 0),
    Function("YEAR", _part(lambda t: t.year), 0, 1),
    Function("MONTH", _part(lambda t: t.month), 0, 1),
    Function("DAY", _part(lambda t: t.day), 0, 1),
    Function("HOUR", _part(lambda t: t.hour), 0, 1),
    Function("MINUTE", _part(lambda t: t.minute), 0, 1),
    Function("SECOND", _part(lambda t: t.second), 0, 1),
    Function("WEEKDAY", _part(lambda t: t.isoweekday() % 7 + 1), 0, 1),
    Function("TIMESTAMP", unix, 0, 1, ("UNIX_TIMESTAMP",)),
    of("WEEKS", _spans("week"), 1),
    of("DAYS", _spans("day"), 1),
    of("HOURS", _spans("hour"), 1),
    of("MINUTES", _spans("minute"), 1),
    of("SECONDS", _spans("second"), 1),
    of("DATEADD", shifted, 2, 3),
    of("DATEDIFF", difference, 2, 3),
    *(of(f"{unit.upper()}S_BETWEEN", _between(unit), 2) for unit in _SECONDS | _MONTHS),
    *(of(f"ADD_{unit.upper()}S", _later(unit), 2) for unit in _SECONDS | _MONTHS),
    of("DATEVALUE", date_value, 1),
    of("TIMEVALUE", time_value, 1),
    of("DATE", day_of, 1, 3),
    of("EOMONTH", month_end, 1, 2),
)
