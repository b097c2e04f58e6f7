"""Arrays of one commit, packed as Postgres receives them: a column of many rows in a few steps of C.

psycopg packs a list item by item in Python; here a column without NULLs is one `pack` or one `join`. A packed column is
passed as a binary parameter (`%(id)b::uuid[]`) on a connection that `taught` has prepared.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from struct import Struct, error, pack
from typing import Any, TypeVar
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_HEAD = Struct("!iiIii").pack  # dimensions, any NULLs, type of an element, count, first index
_LENGTH = Struct("!i").pack
_LONG = Struct("!iq").pack
_MICROSECOND = timedelta(microseconds=1)
_NULL = b"\xff\xff\xff\xff"
_OF_16 = _LENGTH(16)
_YES, _NO = b"\0\0\0\1\1", b"\0\0\0\1\0"


class Packed(bytes):
    """A binary array. The class says of which type."""


class Uuids(Packed):
    """uuid[]"""


class Integers(Packed):
    """int4[]"""


class Longs(Packed):
    """int8[]"""


class Booleans(Packed):
    """bool[]"""


class Times(Packed):
    """timestamptz[]"""


class Texts(Packed):
    """text[]"""


class Blobs(Packed):
    """bytea[]"""


_OIDS: Mapping[type[Packed], tuple[int, int]] = {  # of an element, of the array
    Uuids: (2950, 2951),
    Integers: (23, 1007),
    Longs: (20, 1016),
    Booleans: (16, 1000),
    Times: (1184, 1185),
    Texts: (25, 1009),
    Blobs: (17, 1001),
}


class _AsItIs(Dumper):
    format = Format.BINARY

    def dump(self, obj: bytes) -> Buffer:
        return obj


_DUMPERS = {made: type(f"_{made.__name__}", (_AsItIs,), {"oid": oids[1]}) for made, oids in _OIDS.items()}


def taught(connection: AsyncConnection) -> AsyncConnection:
    """The connection, which takes packed columns from now on."""
    for made, dumper in _DUMPERS.items():
        connection.adapters.register_dumper(made, dumper)
    return connection


P = TypeVar("P", bound=Packed)


def _made(kind: type[P], count: int, body: bytes, *, nulls: bool) -> P:
    if not count:
        return kind(pack("!iiI", 0, 0, _OIDS[kind][0]))
    return kind(_HEAD(1, nulls, _OIDS[kind][0], count, 1) + body)


def _mixed(kind: type[P], pieces: Sequence[bytes]) -> P:
    """A column that may hold NULLs, of its packed elements."""
    return _made(kind, len(pieces), b"".join(pieces), nulls=_NULL in pieces)


def repeated(one: P, count: int) -> P:
    """The array of one element as an array of so many that are equal to it."""
    return one.__class__(one[:12] + pack("!I", count) + one[16:20] + one[20:] * count)


def uuids(values: Sequence[UUID | None]) -> Uuids:
    return _mixed(Uuids, [_NULL if value is None else _OF_16 + value.int.to_bytes(16) for value in values])


def integers(values: Sequence[int | None]) -> Integers:
    count = len(values)
    if None in values:
        return _mixed(Integers, [_NULL if value is None else pack("!ii", 4, value) for value in values])
    pairs = [4] * (2 * count)
    pairs[1::2] = values  # pyright: ignore[reportArgumentType, reportCallIssue] - none is None
    return _made(Integers, count, pack(f"!{2 * count}i", *pairs), nulls=False)


def longs(values: Sequence[int | None]) -> Longs:
    return _mixed(Longs, [_NULL if value is None else _LONG(8, value) for value in values])


def booleans(values: Sequence[bool | None]) -> Booleans:
    return _mixed(Booleans, [_NULL if value is None else _YES if value else _NO for value in values])


def times(values: Sequence[datetime | None]) -> Times:
    return _mixed(Times, [_NULL if value is None else _LONG(8, (value - EPOCH) // _MICROSECOND) for value in values])


def texts(values: Sequence[str | None]) -> Texts:
    return _mixed(Texts, [_NULL if value is None else _LENGTH(len(body := value.encode())) + body for value in values])


def blobs(values: Sequence[bytes | None]) -> Blobs:
    return _mixed(Blobs, [_NULL if value is None else _LENGTH(len(value)) + value for value in values])


def jsons(values: Sequence[object]) -> Texts:
    """Plain JSON values as text; None is NULL."""
    return texts([None if v is None else json.dumps(v, ensure_ascii=False, allow_nan=False) for v in values])


_BY_NAME: Mapping[str, Callable[[Any], Packed]] = {
    "uuid": uuids,
    "int4": integers,
    "int8": longs,
    "bool": booleans,
    "timestamptz": times,
    "text": texts,
    "bytea": blobs,
    "jsonb": jsons,
}


def column(kind: str, values: list[Any]) -> Packed | list[Any]:
    """The column of an effect, by the name of its elements' type; of a type not known here, as psycopg packs it.

    Raises TypeError or ValueError for what is none of that type.
    """
    packer = _BY_NAME.get(kind)
    try:
        return packer(values) if packer else values
    except (AttributeError, error) as wrong:
        raise TypeError(f"a column of {kind} holds something else: {wrong}") from wrong
