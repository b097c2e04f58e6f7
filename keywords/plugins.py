"""Keywords of installed packages: only those that the owner listed, and only where the language stays what it is.

A package offers keywords under an entry point of the group `botmcp.keywords`, a tuple of what `@keyword` makes:

    [project.entry-points."botmcp.keywords"]
    weather = "acme_weather:KEYWORDS"

`BOTMCP_PLUGINS=weather` loads it. Its code is read before it is imported (`plugin_review`), and what it takes beyond
its declaration refuses it, unless the owner trusts exactly this code. Its keywords get doors (`plugin_doors`) in the
place of the host. A plugin that cannot be loaded as it says stops the start: a workflow that needs it would otherwise
be paused without anybody knowing why.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from hashlib import sha256
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Protocol, cast

from keywords import structure, tree
from keywords.parse import parse_line
from keywords.plugin_code import NoCode, of_entry
from keywords.plugin_doors import Secrets, behind_doors
from keywords.plugin_import import from_text
from keywords.plugin_review import Review, reviewed
from keywords.registry import DuplicatePhrase, Keyword, Registry, spelling, table

GROUP = "botmcp.keywords"

# Together with the examples of the keywords before it, what a plugin must leave as it is.
CORE_LINES = (
    'ORCHESTRATE WORKFLOW "refund"',
    'STEP 1: BOT "triage" "classify the request"',
    'STEP 2: HUMAN APPROVAL FROM "ana@example.com" TIMEOUT 900 MESSAGE "Pay?"',
    'ON TIMEOUT: ESCALATE TO "boss@example.com"',
    "PARALLEL",
    'BRANCH A: BOT "ledger" "book it"',
    'PARAM name AS STRING LIKE "Ana" DESCRIPTION "Who asks" DEFAULT "nobody"',
    "DESCRIPTION Answers a customer",
    'IF category = "billing" AND NOT done THEN TALK "x" ELSE TALK "y"',
    'ELSE IF result.total >= 3 OR name IN ["a", "b"] THEN',
    "FOR EACH item IN list",
    "FOR i = 1 TO 10 STEP 2",
    "WHILE count < 3",
    "SELECT CASE status",
    'CASE "open", "new"',
    "ON ERROR RESUME NEXT",
    'ON EVENT "order.paid"',
    "x = total * 2 + LEN(text)",
    'message = "Hello, ${name}"',
    'data = {"key": value, "items": [1, 2]}',
    'answer = amount > 100 ? "big" : "small"',
    "items[0].price = value",
    'tier = GET BOT MEMORY "tier_" + id',
    "RETURN result",
)


class PluginRefused(Exception):
    """A plugin that BOTMCP_PLUGINS lists and that must not be used; says which, why and what to do."""

    def __init__(self, plugin: str, why: str) -> None:
        super().__init__(f"The plugin {plugin} {why}")


class NotCovered(PluginRefused):
    """A plugin whose code does more than it declares; its owner may trust it."""

    def __init__(self, review: Review) -> None:
        shown = [f"  {finding}" for finding in review.refused[:10]]
        more = len(review.refused) - len(shown)
        lines = [*shown, *([f"  and {more} more"] if more > 0 else [])]
        super().__init__(
            review.plugin,
            "does more than it declares, so its code was not run:\n"
            + "\n".join(lines)
            + f"\nRead it with `botmcp plugin review {review.plugin}`; --trust there lets exactly this code run.",
        )


class Found(Protocol):
    """Keeps which plugins were found to fit, so that a process starts without looking again."""

    def fits(self, key: str) -> bool: ...

    def add(self, key: str) -> None: ...


def nothing_secret(name: str) -> str | None:
    """Where no secrets are."""
    return None


def with_plugins(
    core: Registry,
    listed: Sequence[str],
    offered: Iterable[EntryPoint] | None = None,
    *,
    trusted: Mapping[str, str] | None = None,
    secrets: Secrets = nothing_secret,
    found: Found | None = None,
) -> Registry:
    """The core's keywords and those of the listed plugins; raises PluginRefused. What is not listed is not imported.

    `trusted` names the plugins that may do more than they declare, each with the hash of the code that was trusted.
    What `found` knows to leave the language as it is is not tried again.
    """
    if not listed:
        return core
    offers = list(entry_points(group=GROUP) if offered is None else offered)
    registry = core
    for name in dict.fromkeys(listed):
        entry = _only(name, offers)
        review = review_of(entry)
        if review.refused and (trusted or {}).get(name) != review.code.hash:
            raise NotCovered(review)
        from_text(review.code)
        given = [behind_doors(each, name, review.declaration, secrets) for each in _loaded(entry)]
        extended = _extended(registry, name, tuple(given))
        key = _fit(registry, extended)
        if found is None or not found.fits(key):
            _must_fit(registry, extended, name, tuple(given))
            if found is not None:
                found.add(key)
        registry = extended
    return registry


def review_of(entry: EntryPoint) -> Review:
    """What an installed plugin declares and does, read without importing it; raises PluginRefused."""
    try:
        return reviewed(entry.name, of_entry(entry))
    except NoCode as error:
        raise PluginRefused(entry.name, f"cannot be read: {error}. Mend or update its package.") from None


def review_named(name: str) -> Review:
    """The same by the name of the plugin."""
    return review_of(_only(name, list(entry_points(group=GROUP))))


def installed() -> tuple[str, ...]:
    """The names of all plugins that are installed, listed or not."""
    return tuple(sorted({entry.name for entry in entry_points(group=GROUP)}))


def _only(name: str, offered: Collection[EntryPoint]) -> EntryPoint:
    named = {(entry.value, _distribution(entry)): entry for entry in offered if entry.name == name}
    if len(named) == 1:
        return next(iter(named.values()))
    if named:
        packages = " and ".join(sorted(package for _, package in named))
        raise PluginRefused(name, f"is offered more than once, by {packages}. Uninstall all but one.")
    near = get_close_matches(name, {entry.name for entry in offered}, n=1, cutoff=0.6)
    hint = f"Did you mean {near[0]}?" if near else "Install its package, or take it off BOTMCP_PLUGINS."
    if ":" in name:
        hint = "BOTMCP_PLUGINS takes the names under which installed packages offer plugins, not modules."
    raise PluginRefused(name, f"is not installed. {hint}")


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else "an unknown package"


def _loaded(entry: EntryPoint) -> tuple[Keyword, ...]:
    try:
        offered = entry.load()
    except Exception as error:
        why = f"cannot be loaded from {entry.value}: {type(error).__name__}: {error}. Mend or update its package."
        raise PluginRefused(entry.name, why) from error
    keywords = tuple(cast("Iterable[Any]", offered)) if isinstance(offered, Iterable) else ()
    if not keywords or not all(isinstance(each, Keyword) for each in keywords):
        raise PluginRefused(entry.name, f"must offer a tuple of keywords, and {entry.value} is something else.")
    return keywords


def _extended(before: Registry, plugin: str, keywords: tuple[Keyword, ...]) -> Registry:
    structural = {spelling(form.words) for word in structure.WORDS for form in word.forms}
    for keyword in keywords:
        for form in keyword.forms:
            if spelling(form.words) in structural:
                raise PluginRefused(plugin, f"claims {form.words}, which belongs to the language. It must rename it.")
    try:
        return table((*before, *keywords))
    except DuplicatePhrase as error:
        raise PluginRefused(plugin, f"claims what is taken: {error}") from error


def _fit(before: Registry, after: Registry) -> str:
    """Names everything that `_must_fit` looks at."""
    rows = (before.version, after.version, *(keyword.example for keyword in after), *CORE_LINES)
    return sha256("\n".join(rows).encode()).hexdigest()


def _must_fit(before: Registry, after: Registry, plugin: str, keywords: tuple[Keyword, ...]) -> None:
    """The language means what it meant, and the plugin's examples are what they say; raises PluginRefused."""
    for line in (*(keyword.example for keyword in before), *CORE_LINES):
        if parse_line(line, before) != parse_line(line, after):
            raise PluginRefused(
                plugin, f"changes what this line means: {line}\nIt must rename the keyword that captures words of it."
            )
    for keyword in keywords:
        statement, problems = parse_line(keyword.example, after)
        first = next(_calls(statement), None)
        if problems or first is None or (first.keyword, first.form) != (keyword.name, 0):
            why = f"has an example for {keyword.name} that does not fit its first form: {keyword.example}"
            raise PluginRefused(
                plugin, f"{why}\n{problems[0].message if problems else 'Mend the example, or rename the keyword.'}"
            )


def _calls(statement: tree.Statement) -> Iterator[tree.Call]:
    if isinstance(statement, tree.Do | tree.Assign) and isinstance(statement.value, tree.Call):
        yield statement.value
