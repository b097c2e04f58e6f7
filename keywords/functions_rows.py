"""Built-in functions for lists of objects: filtering, summing up, renaming, joining, grouping."""

from __future__ import annotations

from collections.abc import Iterable

from keywords.conditions import condition, holds
from keywords.encode import dump_text
from keywords.function import Function, items, of, words
from keywords.functions_list import average, largest, smallest, total
from keywords.functions_text import join as joined_text
from keywords.host import Value
from keywords.mistakes import UnknownName, WrongValue
from keywords.places import key_of, member
from keywords.values import MAX_ITEMS, MAX_TEXT, List, Object, kind_of, text, too_long, too_many
from keywords.world import World

SUMS = ("SUM", "AVG", "COUNT", "MIN", "MAX")


def filtered(world: World, rows: Value, wanted: Value) -> List:
    """The rows that fit a condition such as "stage <> lost AND value >= 100"."""
    asked = condition(wanted, world.now)
    return List(row for row in items(rows) if holds(asked, row))


def aggregated(
    world: World, one: Value, other: Value, field: Value = None, wanted: Value = None, *named: Value
) -> Value:
    """SUM, AVG, COUNT, MIN or MAX of a field over the rows; the list and the word in either order.

    `named` holds the field of each of SUMS where it is written behind its word: AGGREGATE orders SUM total.
    """
    for word, column in zip(SUMS, named, strict=False):
        if column is not None:
            one, field = word, column
    operation, rows = (one, other) if _is_sum(one) else (other, one)
    if not _is_sum(operation):
        raise UnknownName("aggregate", words(one), SUMS, f"There are {', '.join(SUMS)}.")
    if isinstance(rows, str) and not rows.lstrip().startswith("["):
        raise WrongValue(f'AGGREGATE sums up a list; "{rows}" is a text. Take the rows with FIND first.')
    found = items(rows)
    chosen = found if wanted is None else filtered(world, List(found), wanted)
    column = List(member(row, words(field), optional=True) if field is not None else row for row in chosen)
    present = List(value for value in column if value is not None and value != "")
    match words(operation).upper():
        case "SUM":
            return total(present)
        case "AVG" | "AVERAGE":
            return average(present) if present else 0
        case "COUNT":
            return len(present)
        case "MIN":
            return smallest(present)
        case _:
            return largest(present)


def _is_sum(value: Value) -> bool:
    return isinstance(value, str) and value.strip().upper() in (*SUMS, "AVERAGE")


def renamed(rows: Value, mapping: Value) -> List:
    """The rows with fields renamed: "customerName->customer, total->amount", or an object {old: new}."""
    if isinstance(mapping, Object):
        names = {key.casefold(): words(new) for key, new in mapping.items()}
    else:
        pairs = [part.split("->") for part in words(mapping).split(",") if part.strip()]
        if any(len(pair) != 2 for pair in pairs):
            raise WrongValue('MAP needs pairs such as "customerName->customer, total->amount".')
        names = {old.strip().casefold(): new.strip() for old, new in pairs}
    return List(Object((names.get(k.casefold(), k), v) for k, v in _row(row).items()) for row in items(rows))


def filled(rows: Value, template: Value = None) -> Value:
    """The template for each row, its {{field}} places filled; one object gives one, a list a list, a text itself."""
    if template is None:
        return rows
    if isinstance(rows, Object):
        return _filled(rows, template)
    return List(_filled(_row(row), template) for row in items(rows))


def _filled(row: Object, template: Value) -> Value:
    if isinstance(template, Object):
        return Object((key, _filled(row, value)) for key, value in template.items())
    if isinstance(template, list):
        return List(_filled(row, value) for value in template)
    if not isinstance(template, str):
        return template
    found = template
    for key, value in row.items():
        place = "{{" + key + "}}"
        if place in found:
            grown = len(found) + found.count(place) * (len(text(value)) - len(place))
            if grown > MAX_TEXT:
                raise too_long(grown)
            found = found.replace(place, text(value))
    return found


def joined(one: Value, other: Value = ",", key: Value = None) -> Value:
    """JOIN(list, ", ") makes a text of a list; JOIN a, b, "key" joins the rows of two lists that share a key."""
    if not isinstance(other, list):
        return joined_text(one, other)
    if key is None:
        raise WrongValue('JOIN of two lists needs the field they share: JOIN orders, customers, "customer_id".')
    name = words(key)
    partners: dict[str, list[Object]] = {}
    for row in other:
        partners.setdefault(_mark(_row(row), name), []).append(_row(row))
    found = List()
    for row in items(one):
        left = _row(row)
        for right in partners.get(_mark(left, name), ()):
            extra = ((k, v) for k, v in right.items() if key_of(left, k) is None)
            found.append(Object([*left.items(), *extra]))
            if len(found) > MAX_ITEMS:
                raise too_many(len(found))
    return found


def pivoted(rows: Value, by: Value, field: Value) -> List:
    """One row for each value of a field, with the sum of another: PIVOT sales, "month", "amount"."""
    row_field, value_field = words(by), words(field)
    return List(
        Object({row_field: value, value_field: total(group, value_field)})
        for value, group in _groups(items(rows), row_field)
    )


def grouped(rows: Value, by: Value) -> Object:
    """The rows by the value of a field: an object of lists."""
    found = Object()
    for value, group in _groups(items(rows), words(by)):
        found.setdefault(text(value), List()).extend(group)
    return found


def _groups(rows: Iterable[Value], field: str) -> list[tuple[Value, List]]:
    found: dict[str, tuple[Value, List]] = {}
    for row in rows:
        value = member(_row(row), field, optional=True)
        found.setdefault(dump_text(value), (value, List()))[1].append(row)
    return list(found.values())


def _mark(row: Object, key: str) -> str:
    return dump_text(member(row, key, optional=True))


def _row(value: Value) -> Object:
    if not isinstance(value, Object):
        raise WrongValue(f"A list of objects is needed here; it holds {kind_of(value)}.")
    return value


TABLE: tuple[Function, ...] = (
    Function("FILTER", filtered, 2, 2),
    Function("AGGREGATE", aggregated, 2, 4 + len(SUMS)),
    of("MAP", renamed, 2),
    of("FILL", filled, 1, 2),
    of("JOIN", joined, 1, 3),
    of("PIVOT", pivoted, 3),
    of("GROUP_BY", grouped, 2, 2, "GROUPBY"),
)
