"""The workflows that people draw, as a program publishes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from keywords.host import Moment


class Workflows(Protocol):
    """Drafts and their versions; `designer` fulfils it.

    Every answer is ordinary JSON. What changes something finds it done when it is asked for again after a crash.
    """

    async def published(self, moment: Moment, name: str, source: str | None, version: str) -> Mapping[str, Any]:
        """Let the draft of this name, or this text under the name, be what runs: {version, name, unchanged}.

        The version is called so, or "" for one without a name. Raises UnknownName without a text where there is no such
        draft, and SyntaxMistake, with line and column, for a text that cannot run; then nothing has changed.
        """
        ...

    async def unpublished(self, moment: Moment, name: str) -> Mapping[str, Any]:
        """Let nothing run under the name any more, the same {version, name, unchanged}; raises UnknownName."""
        ...

    async def listed(self, moment: Moment, limit: int) -> Sequence[Mapping[str, Any]]:
        """The workflows, the latest changed first."""
        ...

    async def versions(self, moment: Moment, name: str) -> Sequence[Mapping[str, Any]]:
        """The versions of a workflow, the newest first; raises UnknownName."""
        ...
