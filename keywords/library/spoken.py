"""What people say, read as the type a program asked for; normalised, or refused with what to say instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from keywords.host import Value
from keywords.operators import read_date
from keywords.values import numeric, text


class Unfit(Exception):
    """The sentence that asks again."""


def chosen(options: Sequence[str], said: str, *, others: bool) -> str:
    """The option that was meant: by its words without regard to case, or by its number. `others`: anything will do."""
    words = " ".join(said.split()).casefold()
    for option in options:
        if " ".join(option.split()).casefold() == words:
            return option
    if words.isdecimal() and 1 <= int(words[:4]) <= len(options):
        return options[int(words[:4]) - 1]
    if others and words:
        return said.strip()
    raise Unfit(f"Please answer one of: {', '.join(options)}.")


def spoken(kind: str, said: str) -> Value:
    """The value that the words stand for; every word is fine for a kind that is not known."""
    read = _KINDS.get(kind.upper())
    return read(said.strip()) if read else said


def _one(pattern: str, words: str, build: Callable[[re.Match[str]], Value] = lambda found: found[0]) -> _Read:
    known = re.compile(pattern, re.IGNORECASE)

    def read(said: str) -> Value:
        if found := known.fullmatch(said):
            return build(found)
        raise Unfit(f"That is not {words}.")

    return read


_Read = Callable[[str], Value]
_BOOLEANS: Mapping[str, bool] = {
    **dict.fromkeys(("yes", "y", "true", "1", "on", "ok", "sim", "s", "si", "oui", "ja", "verdadeiro"), True),
    **dict.fromkeys(("no", "n", "false", "0", "off", "nao", "não", "non", "nein", "falso"), False),
}
_LANGUAGES: Mapping[str, str] = {
    **dict.fromkeys(("english", "inglês", "ingles"), "en"),
    **dict.fromkeys(("portuguese", "português", "portugues"), "pt"),
    **dict.fromkeys(("spanish", "español", "espanol", "espanhol"), "es"),
    **dict.fromkeys(("french", "français", "francais", "francês"), "fr"),
    **dict.fromkeys(("german", "deutsch", "alemão"), "de"),
    **dict.fromkeys(("italian", "italiano"), "it"),
}
_COLOURS: Mapping[str, str] = {
    "black": "#000000", "white": "#FFFFFF", "red": "#FF0000", "green": "#008000", "blue": "#0000FF",
    "yellow": "#FFFF00", "orange": "#FFA500", "purple": "#800080", "pink": "#FFC0CB", "gray": "#808080",
    "grey": "#808080", "brown": "#A52A2A",
}  # fmt: skip


def _whole(said: str) -> Value:
    found = numeric(said.replace(" ", ""))
    if isinstance(found, float) and found.is_integer():
        found = int(found)
    if not isinstance(found, int):
        raise Unfit("That is not a whole number.")
    return found


def _number(said: str) -> Value:
    found = numeric(_pointed(said.replace(" ", "")))
    if found is None:
        raise Unfit("That is not a number.")
    return found


def _pointed(words: str) -> str:
    """The number with a point before its fraction: of a comma and a point, the last one is that."""
    comma, point = words.rfind(","), words.rfind(".")
    if comma > point and words.count(",") == 1:
        thousands = point < 0 and len(words) - comma == 4
        return words.replace(",", "") if thousands else words.replace(".", "").replace(",", ".")
    return words.replace(",", "")


def _boolean(said: str) -> Value:
    found = _BOOLEANS.get(said.casefold().rstrip("."))
    if found is None:
        raise Unfit("Please answer yes or no.")
    return found


def _date(said: str) -> Value:
    found = read_date(said)
    if found is None:
        raise Unfit("That is not a date. Write it like 2026-12-31 or 31/12/2026.")
    return found.date() if isinstance(found, datetime) else found


def _name(said: str) -> Value:
    words = said.split()
    name = " ".join(word if word != word.lower() else word[:1].upper() + word[1:] for word in words)
    if not 2 <= len(name) <= 100 or any(c.isdecimal() or c in "<>@#$%&*{}[]=+/\\|" for c in name):
        raise Unfit("That is not a name.")
    return name


def _time(said: str) -> Value:
    found = re.fullmatch(r"(\d{1,2})(?:[:h.](\d{2})?)?\s*(am|pm)?", said, re.IGNORECASE)
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (99, 99)
    if found and found[3]:
        hour = hour % 12 + (12 if found[3].lower() == "pm" else 0) if 1 <= hour <= 12 else 99
    if hour > 23 or minute > 59:
        raise Unfit("That is not a time of day. Write it like 14:30.")
    return f"{hour:02}:{minute:02}"


def _money(said: str) -> Value:
    words = re.sub(r"^(?:[A-Z]{0,3}\s?[$€£¥]|[A-Z]{3}\s)|(?:[$€£¥]|\s[A-Z]{3})$", "", said, flags=re.IGNORECASE)
    found = numeric(_pointed(words.replace(" ", "")))
    if found is None:
        raise Unfit("That is not an amount of money. Write it like 1,234.56.")
    return found


def _phone(said: str) -> Value:
    digits = re.sub(r"[\s().-]", "", said)
    if not re.fullmatch(r"\+?\d{8,15}", digits):
        raise Unfit("That is not a telephone number.")
    return digits


def _language(said: str) -> Value:
    words = said.casefold()
    if words in _LANGUAGES:
        return _LANGUAGES[words]
    if re.fullmatch(r"[a-z]{2}(?:-[a-z]{2})?", words):
        return words[:2] + words[2:].upper()
    raise Unfit("That is not a language. Write its name in English, or a code like en or pt-BR.")


def _cpf(said: str) -> Value:
    d = _digits(said, 11, "a CPF")
    if len(set(d)) == 1 or any(_mod11(d[:n], range(n + 1, 1, -1)) != d[n] for n in (9, 10)):
        raise Unfit("That is not a CPF.")
    t = "".join(map(str, d))
    return f"{t[:3]}.{t[3:6]}.{t[6:9]}-{t[9:]}"


def _cnpj(said: str) -> Value:
    d, weights = _digits(said, 14, "a CNPJ"), (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    if len(set(d)) == 1 or any(_mod11(d[:n], weights[13 - n :]) != d[n] for n in (12, 13)):
        raise Unfit("That is not a CNPJ.")
    t = "".join(map(str, d))
    return f"{t[:2]}.{t[2:5]}.{t[5:8]}/{t[8:12]}-{t[12:]}"


def _card(said: str) -> Value:
    digits = re.sub(r"[\s-]", "", said)
    if not re.fullmatch(r"[0-9]{13,19}", digits):
        raise Unfit("That is not the number of a card.")
    doubled = [int(c) * (1 + at % 2) for at, c in enumerate(reversed(digits))]
    if sum(n - 9 if n > 9 else n for n in doubled) % 10:
        raise Unfit("That is not the number of a card.")
    return digits


def _digits(said: str, size: int, what: str) -> list[int]:
    digits = re.sub(r"[\s./-]", "", said)
    if not re.fullmatch(rf"[0-9]{{{size}}}", digits):
        raise Unfit(f"That is not {what}.")
    return [int(c) for c in digits]


def _mod11(digits: Sequence[int], weights: Sequence[int]) -> int:
    rest = sum(d * w for d, w in zip(digits, weights, strict=True)) % 11
    return 0 if rest < 2 else 11 - rest


def _uuid(said: str) -> Value:
    try:
        return str(UUID(said))
    except ValueError:
        raise Unfit("That is not a UUID.") from None


def _colour(said: str) -> Value:
    words = said.casefold()
    if words in _COLOURS:
        return _COLOURS[words]
    if found := re.fullmatch(r"#?([0-9a-f]{6}|[0-9a-f]{3})", words):
        digits = found[1] if len(found[1]) == 6 else "".join(c * 2 for c in found[1])
        return f"#{digits.upper()}"
    raise Unfit("That is not a colour. Write its English name, or digits like #FF8800.")


def _something(what: str) -> _Read:
    def read(said: str) -> Value:
        if not said:
            raise Unfit(f"Please give {what}.")
        return text(said)

    return read


_EMAIL = _one(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s.,;<>]{2,}", "an e-mail address", lambda found: found[0].lower())
_URL = _one(r"(?:https?|ftp)://[^\s/]+\S*", "an address of the web, such as https://example.com")
_ZIP = _one(r"[A-Z0-9][A-Z0-9 -]{2,9}", "a postal code", lambda found: found[0].upper())

_KINDS: Mapping[str, _Read] = {
    name: read
    for names, read in (
        ("EMAIL", _EMAIL),
        ("DATE", _date),
        ("NAME", _name),
        ("INTEGER INT", _whole),
        ("NUMBER FLOAT DECIMAL DOUBLE", _number),
        ("BOOLEAN BOOL", _boolean),
        ("HOUR TIME", _time),
        ("MONEY CURRENCY AMOUNT", _money),
        ("MOBILE PHONE TELEPHONE", _phone),
        ("ZIPCODE ZIP CEP POSTALCODE", _ZIP),
        ("LANGUAGE LANG", _language),
        ("CPF", _cpf),
        ("CNPJ", _cnpj),
        ("QRCODE QR", _something("what the code says")),
        ("LOGIN AUTH", _something("your login")),
        ("FILE DOCUMENT DOC PDF", _something("the file")),
        ("IMAGE PHOTO PICTURE", _something("the picture")),
        ("AUDIO VOICE SOUND", _something("the recording")),
        ("VIDEO", _something("the video")),
        ("URL LINK", _URL),
        ("UUID GUID", _uuid),
        ("COLOR COLOUR", _colour),
        ("CREDITCARD CARD", _card),
        ("PASSWORD PASS SECRET", _something("the password")),
    )
    for name in names.split()
}
KINDS = frozenset({*_KINDS, "TEXT", "STRING", "ANY", "MENU"})
"""The types of HEAR that have a meaning; every other word stands for any words."""
