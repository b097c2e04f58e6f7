"""Large values of a state, stored once: the state that every commit writes names them by their hash.

    {"b": hash}    in the place of a value, {"s": hash} in a list: the items of that chunk, one after the other

A text or container counts as large from a kilobyte on; a list gives its items away in sealed chunks of 64. What is new
is written in full the first time, and stored by itself once a second commit finds it unchanged: so a value that changes
with every step costs what it costs in full, and leaves nothing behind. Postgres puts states together again
(`whole_state`), so nobody who reads one knows of this. A state that ends is whole, and then the stored values go.
"""

from __future__ import annotations

from collections.abc import Collection
from hashlib import blake2b
from operator import is_
from typing import Any, TypeAlias

from keywords.encode import dump_bytes, state_to_json, written
from keywords.host import Value
from keywords.state import State
from keywords.values import SMALL, Container, List, weight_of

LARGE = 1_024  # bytes as JSON
CHUNK = 64  # items
WHOLE = 16_384  # bytes up to which a short list or an object that changes is looked at as one
Stored: TypeAlias = tuple[bytes, bytes]  # hash, body


class Keeping:
    """The stored values of one claimed execution, as its commits know them."""

    def __init__(self, stored: Collection[bytes] | None) -> None:
        self._stored = set(stored or ())  # durable, or about to be with this commit
        self._seen: set[bytes] = set()  # hashes of what the last commit wrote in full
        self._hashes: dict[int, tuple[Value, bytes]] = {}  # by identity: of what the last commit held
        self._now_seen: set[bytes] = set()
        self._now_hashes: dict[int, tuple[Value, bytes]] = {}
        self._new: list[Stored] = []
        self._named = False

    @property
    def used(self) -> bool:
        """Whether anything is stored for this execution."""
        return bool(self._stored)

    def text(self, state: State) -> tuple[str, tuple[Stored, ...]]:
        """The state as the text to store, and the values that must be stored with it."""
        if not self._stored and not _any_large(state):
            self._seen, self._hashes = set(), {}
            return state_to_json(state), ()
        self._now_seen, self._now_hashes, self._new, self._named = set(), {}, [], False
        text = state_to_json(state, self._written)
        if self._named:
            text = '{"kept":true,' + text[1:]
        self._seen, self._hashes = self._now_seen, self._now_hashes
        return text, tuple(self._new)

    def _written(self, value: Value) -> Any:
        if not _large(value):
            return written(value)
        if isinstance(value, List) and len(value) >= CHUNK:
            return self._chunked(value)
        if isinstance(value, List) and weight_of(value) > WHOLE:
            return [self._written(item) for item in value]
        hash_ = self._hash(value)
        return {"b": hash_.hex()} if self._kept(hash_, value) else written(value)

    def _chunked(self, items: List) -> list[Any]:
        found: list[Any] = []
        sealed = len(items) // CHUNK * CHUNK
        known = items.chunks or ()
        chunks: list[tuple[tuple[Value, ...], bytes]] = []
        for number, at in enumerate(range(0, sealed, CHUNK)):
            part = tuple(items[at : at + CHUNK])
            body = None
            if number < len(known) and all(map(is_, known[number][0], part)):
                hash_ = known[number][1]
            else:
                body = b",".join(map(dump_bytes, part))
                hash_ = _digest(body)
            chunks.append((part, hash_))
            if hash_ in self._stored or hash_ in self._seen:
                if hash_ not in self._stored:
                    self._store(hash_, body if body is not None else b",".join(map(dump_bytes, part)))
                self._named = True
                found.append({"s": hash_.hex()})
            else:
                self._now_seen.add(hash_)
                found.extend(map(written, part))
        items.chunks, items.shared = chunks, True
        found.extend(map(self._written, items[sealed:]))
        return found

    def _hash(self, value: Value) -> bytes:
        known = self._hashes.get(id(value))
        hash_ = known[1] if known else _digest(dump_bytes(value))
        self._now_hashes[id(value)] = (value, hash_)  # held, so that no other value takes its identity
        return hash_

    def _kept(self, hash_: bytes, value: Value) -> bool:
        """Whether it stands by itself; seen in full before and unchanged since, it does from this commit on."""
        if hash_ not in self._stored:
            if hash_ not in self._seen:
                self._now_seen.add(hash_)
                return False
            self._store(hash_, dump_bytes(value))
        self._named = True
        return True

    def _store(self, hash_: bytes, body: bytes) -> None:
        self._new.append((hash_, body))
        self._stored.add(hash_)


def _any_large(state: State) -> bool:
    for frame in state.frames:  # plain loops: this is asked at every commit
        for value in frame.variables.values():
            if value.__class__ not in SMALL and weight_of(value) >= LARGE and _large(value):
                return True
    return False


def _large(value: Value) -> bool:
    if isinstance(value, str):
        return len(value) >= LARGE
    return isinstance(value, Container) and weight_of(value) >= LARGE


def _digest(body: bytes) -> bytes:
    return blake2b(body, digest_size=16).digest()
