"""Effects: rows that a keyword asks for and the one committer writes, set-wise, with the SQL of who owns the data.

The kinds are declared here; the rooms that own the data (`memory`, `workflow`, ...) provide an EffectStatement of each.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EffectKind:
    """Rows of one sort. Its statement receives one array per column, and before them, for every kind:
    `ref int[]`, `tenant uuid[]`, `bot uuid[]`, `execution uuid[]`, `n int[]`, `at timestamptz[]`.

    A kind that `decides` answers rows (ref, verdict jsonb): the verdict is the answer of the call that asked, in the
    form `{"v": tagged value}` or `{"error": {"kind", "message"}}`. A statement must never raise on data.

    The value of a `jsonb` column is a plain JSON value (None, bool, number, str, list, dict), encoded by the committer;
    None is SQL's NULL in every column.
    """

    name: str
    columns: tuple[tuple[str, str], ...]  # (name, Postgres type of one element)
    decides: bool = False
    refuses: bool = False  # answers rows (ref, message): whose turn is not written at all, and fails with that message

    def row(self, **values: object) -> EffectRow:
        """One row of this kind; raises TypeError unless exactly the columns are given."""
        names = [name for name, _ in self.columns]
        if set(values) != set(names):
            raise TypeError(f"{self.name} takes {names}, got {sorted(values)}")
        return EffectRow(self, tuple(values[name] for name in names))


@dataclass(frozen=True, slots=True)
class EffectRow:
    kind: EffectKind
    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class EffectStatement:
    """The SQL that writes the rows of one kind; the room that owns the data provides it, the committer runs it.

    Its parameters are the arrays, by name: `unnest(%(ref)b::int[], %(bot)b::uuid[], %(key)b::text[])`. Rows come in
    the order in which the program asked for them.
    """

    kind: EffectKind
    sql: bytes


EVENT_PUBLISHED = EffectKind(
    "event.published", (("id", "uuid"), ("name", "text"), ("key", "text"), ("data", "jsonb")), refuses=True
)
EVENT_AWAITED = EffectKind(
    "event.awaited", (("name", "text"), ("key", "text"), ("since_xid", "xid8"), ("since_seq", "int8"))
)
SIGNAL_AWAITED = EffectKind("signal.awaited", (("name", "text"),))
APPROVAL_REQUESTED = EffectKind(
    "approval.requested",
    (
        ("id", "uuid"),
        ("step", "int4"),
        ("approvers", "jsonb"),
        ("required", "int4"),
        ("message", "text"),
        ("deadline", "timestamptz"),
        ("escalated_from", "uuid"),
    ),
)
STEP_CACHED = EffectKind("step.cached", (("key", "text"), ("value", "jsonb"), ("until", "timestamptz")))
APPROVAL_REMINDED = EffectKind("approval.reminded", (("id", "uuid"), ("seconds", "float8"), ("first", "timestamptz")))
MEMORY_SET = EffectKind("memory.set", (("key", "text"), ("value", "text"), ("expires", "timestamptz")), refuses=True)
# Of the kinds below `owner` is the bot whose memory it is where that is another one: its grant must be writable.
MEMORY_CHECKED = EffectKind(
    "memory.checked",
    (
        ("key", "text"),
        ("value", "text"),
        ("expires", "timestamptz"),
        ("expected", "int8"),  # the version that must stand there: 0 for none; NULL: whatever does
        ("owner", "uuid"),
        ("owner_name", "text"),
    ),
    decides=True,
)
MEMORY_INCREMENTED = EffectKind(
    "memory.incremented",
    (("key", "text"), ("amount", "text"), ("expires", "timestamptz"), ("owner", "uuid"), ("owner_name", "text")),
    decides=True,
)
MEMORY_APPENDED = EffectKind(
    "memory.appended",
    (("key", "text"), ("item", "text"), ("owner", "uuid"), ("owner_name", "text")),  # item: JSON
    decides=True,
)
MEMORY_DELETED = EffectKind(
    "memory.deleted", (("key", "text"), ("owner", "uuid"), ("owner_name", "text")), decides=True
)
MEMORY_SHARED = EffectKind(
    "memory.shared",
    (
        ("key", "text"),  # as it was written
        ("pattern", "text"),
        ("prefix", "bool"),
        ("targets", "jsonb"),  # [[id, name], ...]
        ("snapshot", "bool"),
        ("writable", "bool"),
        ("reshare", "bool"),
        ("expires", "timestamptz"),
    ),
    decides=True,
)
MEMORY_UNSHARED = EffectKind(
    "memory.unshared",
    (("key", "text"), ("pattern", "text"), ("prefix", "bool"), ("targets", "jsonb"), ("purge", "bool")),
    decides=True,
)
MEMORY_SYNCED = EffectKind(
    "memory.synced", (("source", "uuid"), ("source_name", "text"), ("mode", "text")), decides=True
)
BOT_JOINED = EffectKind(
    "bot.joined",
    (("joined", "uuid"), ("name", "text"), ("triggers", "text"), ("tools", "text"), ("schedule", "text")),
    decides=True,
)
BOT_LEFT = EffectKind("bot.left", (("left", "uuid"), ("name", "text")), decides=True)
MODEL_PREFERRED = EffectKind("model.preferred", (("conversation", "uuid"), ("model", "text"), ("routing", "text")))
MODEL_RATED = EffectKind("model.rated", (("answer", "text"), ("quality", "float8"), ("of", "uuid")), decides=True)
BOT_RANKED = EffectKind("bot.ranked", (("ranked", "uuid"), ("name", "text"), ("priority", "int4")), decides=True)
HEADER_SET = EffectKind("header.set", (("name", "text"), ("value", "text")))  # a row without a name clears them all
KB_USED = EffectKind("kb.used", (("owner", "uuid"), ("collections", "jsonb"), ("said", "text")), decides=True)
KB_CLEARED = EffectKind("kb.cleared", (("owner", "uuid"), ("collections", "jsonb"), ("others", "jsonb")), decides=True)
MESSAGE_LEFT = EffectKind(
    "message.left",
    (
        ("id", "uuid"),
        ("channel", "text"),
        ("recipient", "text"),
        ("subject", "text"),
        ("body", "text"),
        ("details", "jsonb"),
        ("origin", "text"),
    ),
)
