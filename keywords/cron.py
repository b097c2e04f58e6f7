"""When a schedule is due: cron lines, plain words for them, single times; in a time zone, summer time included.

Five fields, or six with seconds first, as the host writes them. Around a change of the clock it goes as in Debian's
cron: what has fixed hours runs once, what has `*` or `/` in hour or minute keeps its distance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from keywords.mistakes import LimitReached, WrongValue

LOOKED_AT = 60  # times ahead that are looked at for how close they come

_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_WHOLE = {
    "minute": "* * * * *",
    "hour": "0 * * * *",
    "day": "{m} {h} * * {d}",
    "week": "{m} {h} * * {d}",
    "month": "{m} {h} {n} * *",
    "year": "{m} {h} {n} 1 *",
}
_ADVERBS = {
    "hourly": "hour",
    "daily": "day",
    "nightly": "day",
    "weekly": "week",
    "monthly": "month",
    "yearly": "year",
    "annually": "year",
    "midnight": "day",
}
_SENTENCE = re.compile(
    r"(?:(?P<adverb>@?[a-z]+ly|@?midnight)|every\s+(?:(?P<count>\d+)\s+)?(?P<unit>minute|hour|day|month|week|year)s?"
    r"|(?:every\s+|on\s+)?(?P<days>(?:weekday|weekend|(?:sun|mon|tues|wednes|thurs|fri|satur)day)s?"
    r"(?:\s*(?:,|and|,\s*and)\s*(?:weekday|weekend|(?:sun|mon|tues|wednes|thurs|fri|satur)day)s?)*))"
    r"(?:\s+(?:on\s+)?(?:the\s+)?(?P<nth>\d{1,2})(?:st|nd|rd|th))?"
    r"(?:\s+from\s+(?P<first>\d{1,2})\s+(?:to|until)\s+(?P<last>\d{1,2}))?"
    r"(?:\s+on\s+(?P<on>[a-z, ]+?))?"
    r"(?:\s+at\s+(?:(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2}))?\s*(?P<half>am|pm)?|(?P<named>noon|midnight)))?"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """When something is due: by a cron line in a time zone."""

    cron: str
    zone: str = "UTC"

    def after(self, moment: datetime) -> Iterator[datetime]:
        """The times after this one, as UTC; none when there is none in the next 50 years."""
        for time in CronSim(self.cron, moment.astimezone(ZoneInfo(self.zone))):
            yield time.astimezone(UTC)

    def latest(self, moment: datetime) -> datetime | None:
        """The last time that is not after this one."""
        start = moment.astimezone(ZoneInfo(self.zone)) + timedelta(seconds=1)
        found = next(CronSim(self.cron, start, reverse=True), None)
        return found and found.astimezone(UTC)


def rule_of(words: str, zone: str, now: datetime, least: float) -> Rule:
    """The rule that a cron line or plain words stand for.

    Raises WrongValue for words that are neither, and LimitReached when two times are closer than `least` seconds.
    """
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise WrongValue(f'"{zone[:60]}" is no time zone. Write one such as "Europe/Berlin" or "UTC".') from None
    cron = " ".join(words.split())
    rule = Rule(cron if _looks_like_cron(cron) else _of_words(cron), zone)
    try:
        times = [time for time, _ in zip(rule.after(now), range(LOOKED_AT), strict=False)]
    except CronSimError as error:
        raise WrongValue(f'"{cron[:80]}" is no cron line: {str(error).lower()}. {_HOW}') from None
    if not times:
        raise WrongValue(f'"{cron[:80]}" is never due: there is no such day.')
    closest = min((b - a for a, b in pairwise(times)), default=timedelta.max)
    if closest.total_seconds() < least:
        raise LimitReached(
            f'"{cron[:80]}" is due every {closest.total_seconds():g} seconds; '
            f"between two times of a schedule there must be at least {least:g}."
        )
    return rule


_HOW = 'Write one such as "0 9 * * 1-5", or words such as "every hour" or "every monday at 9:30".'


def _looks_like_cron(text: str) -> bool:
    return len(text.split()) in (5, 6) and all(part[0] in "*0123456789" or part.isupper() for part in text.split()[:3])


def _of_words(words: str) -> str:
    found = _SENTENCE.fullmatch(words.lower())
    if found is None:
        raise WrongValue(f'"{words[:80]}" is no rule for a schedule. {_HOW}')
    said = found.groupdict()
    unit = said["unit"] or _ADVERBS.get((said["adverb"] or "").lstrip("@")) or "day"
    if said["adverb"] and said["adverb"].lstrip("@") not in _ADVERBS:
        raise WrongValue(f'"{words[:80]}" is no rule for a schedule. {_HOW}')
    hour, minute = _clock(said, words)
    days = _days(said["days"] or said["on"] or "", words)
    count = int(said["count"] or 1)
    if unit in ("minute", "hour"):
        if said["hour"] or said["named"] or said["nth"]:
            raise WrongValue(f'"{words[:80]}": "every {unit}" has no time of day. {_HOW}')
        return _often(unit, count, said, days, words)
    if said["first"]:
        raise WrongValue(f'"{words[:80]}": only minutes and hours have "from ... to ...". {_HOW}')
    if count > 1:
        if unit != "day" or count > 31:
            raise WrongValue(f'"every {count} {unit}s" has no cron line. Use "every {unit}", or a cron line.')
        return f"{minute} {hour} */{count} * {days}"
    if days != "*" and unit in ("month", "year"):  # cron would take either for enough
        raise WrongValue(f'"{words[:80]}": give the day of the month or days of the week, not both. {_HOW}')
    if days == "*" and unit == "week":
        days = "1"
    return _WHOLE[unit].format(m=minute, h=hour, d=days, n=int(said["nth"] or 1))


def _often(unit: str, count: int, said: dict[str, str], days: str, words: str) -> str:
    whole = 60 if unit == "minute" else 24
    if not 0 < count <= whole or whole % count:
        fitting = ", ".join(str(n) for n in range(1, whole) if not whole % n)
        raise WrongValue(f'"{words[:80]}": {count} {unit}s do not divide {whole} evenly; these do: {fitting}.')
    hours = f"{said['first']}-{said['last']}" if said["first"] else "*"
    if unit == "minute":
        return f"{'*' if count == 1 else f'*/{count}'} {hours} * * {days}"
    return f"0 {hours if count == 1 else f'{hours}/{count}'} * * {days}"


def _clock(said: dict[str, str], words: str) -> tuple[int, int]:
    if said["named"]:
        return (12 if said["named"] == "noon" else 0), 0
    hour, minute = int(said["hour"] or 0), int(said["minute"] or 0)
    if said["half"]:
        if not 1 <= hour <= 12:
            raise WrongValue(f'"{words[:80]}": {hour} {said["half"]} is no time of day.')
        hour = hour % 12 + (12 if said["half"] == "pm" else 0)
    if hour > 23 or minute > 59:
        raise WrongValue(f'"{words[:80]}": {hour}:{minute:02} is no time of day.')
    return hour, minute


def _days(names: str, words: str) -> str:
    if not names.strip():
        return "*"
    found: set[int] = set()
    for name in re.split(r"\s*(?:,\s*and|,|\band\b)\s*", names.strip()):
        day = name.strip().removesuffix("s")
        if day in ("weekday", "weekend"):
            found |= {1, 2, 3, 4, 5} if day == "weekday" else {0, 6}
        elif day in _DAYS:
            found.add(_DAYS.index(day))
        else:
            raise WrongValue(f'"{words[:80]}": {name.strip()} is no day of the week. {_HOW}')
    return "1-5" if found == {1, 2, 3, 4, 5} else ",".join(map(str, sorted(found)))
