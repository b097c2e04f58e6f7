"""What a column holds, how a BASIC value goes into it and comes back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg.types.json import Jsonb

from keywords.encode import dump, load
from keywords.host import Value
from keywords.inputs import converted
from keywords.mistakes import WrongValue
from keywords.program import Param
from keywords.values import adopt, is_container, is_number, kind_of, text


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of column: its type as a PARAM would say it."""

    name: str
    basic: str

    def stored(self, column: str, value: Value) -> Any:
        """The value as Postgres takes it; raises WrongValue that names the column."""
        if value is None or (value == "" and self is not TEXT and self is not ANY):
            return None  # a form left empty
        if self is ANY:
            return Jsonb(dump(value))
        if self is TEXT:
            return text(value)
        try:
            return converted(Param(column, self.basic), value)
        except WrongValue:
            raise WrongValue(f"The column {column} takes {self.words}, not {kind_of(value)}.") from None

    def loaded(self, value: Any) -> Value:
        """What stood in the column."""
        return load(value) if self is ANY and value is not None else adopt(value)

    @property
    def words(self) -> str:
        return {"number": "a number", "date": "a date", "moment": "a date and time"}.get(self.name, "true or false")


TEXT = Kind("text", "STRING")
NUMBER = Kind("number", "NUMBER")
TRUTH = Kind("truth", "BOOLEAN")
DAY = Kind("date", "DATE")
MOMENT = Kind("moment", "DATETIME")
ANY = Kind("any", "ANY")
KINDS = {kind.name: kind for kind in (TEXT, NUMBER, TRUTH, DAY, MOMENT, ANY)}

_DECLARED = {
    NUMBER: "number integer int bigint smallint float double real decimal numeric money currency long byte serial",
    TRUTH: "boolean bool bit yesno",
    DAY: "date",
    MOMENT: "datetime timestamp timestamptz",
    ANY: "json jsonb object array list any variant",
}
_BY_TYPE = {word: kind for kind, words in _DECLARED.items() for word in words.split()}


def declared(type_name: str) -> Kind:
    """The kind of a column declared with this type; what we do not know holds text, as it does for the host."""
    return _BY_TYPE.get(type_name.strip("*").casefold(), TEXT)


def guessed(value: Value) -> Kind:
    """The kind of a column that nobody declared, by the first value it is given."""
    if isinstance(value, bool):
        return TRUTH
    if is_number(value):
        return NUMBER
    if isinstance(value, datetime):
        return MOMENT
    if isinstance(value, date):
        return DAY
    return ANY if is_container(value) else TEXT


def fits(kind: Kind, value: Value) -> bool:
    """Whether a guessed column can go on with this value as it is."""
    return value is None or kind is TEXT or kind is ANY or guessed(value) is kind


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    name: str  # as it was first written
    kind: Kind
    guessed: bool = False  # nobody declared it: it may become text when a value asks for that
    key: bool = False
    unique: bool = False
    generates: bool = False  # a GUID key that nobody gave

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"name": self.name, "kind": self.kind.name}
        flags = ("guessed", "key", "unique", "generates")
        return found | {flag: True for flag in flags if getattr(self, flag)}

    @staticmethod
    def from_json(data: dict[str, Any]) -> Column:
        return Column(
            data["name"],
            KINDS[data["kind"]],
            data.get("guessed", False),
            data.get("key", False),
            data.get("unique", False),
            data.get("generates", False),
        )


def columns_text(columns: tuple[Column, ...]) -> str:
    """The columns as the catalogue keeps them."""
    return json.dumps([column.to_json() for column in columns], ensure_ascii=False)
