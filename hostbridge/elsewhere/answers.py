"""What a tool of another server answers, as a value of a program. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from keywords.encode import from_plain
from keywords.host import Value
from keywords.mistakes import LimitReached, ProgramError

LARGEST = 1_000_000  # characters


class ToolRefused(ProgramError):
    """The tool says that it could not do it."""

    kind = "tool"


def value_of(result: Mapping[str, Any], called: str) -> Value:
    """The value that a result of `tools/call` holds; raises ToolRefused, LimitReached."""
    blocks: Sequence[Any] = result.get("content") or ()
    texts = [str(block.get("text", "")) for block in blocks if isinstance(block, dict) and block.get("type") == "text"]
    said = "\n".join(texts).replace("\0", "")
    if len(said) > LARGEST:
        raise LimitReached(f"{called} answers {len(said):,} characters; at most {LARGEST:,} are taken.")
    if result.get("isError"):
        raise ToolRefused(f"{called}: {said[:2000] or 'the tool failed and gives no reason'}")
    structured = result.get("structuredContent")
    if isinstance(structured, dict):
        whole = cast("dict[str, Any]", structured)
        return from_plain(whole["result"] if set(whole) == {"result"} else whole)
    if structured is not None:
        return from_plain(structured)
    others = [_described(block) for block in blocks if isinstance(block, dict) and block.get("type") != "text"]
    return from_plain({"text": said, "content": others}) if others else said


def _described(block: dict[str, Any]) -> dict[str, Any]:
    """A picture, a sound or a file, without its bytes."""
    inner: Any = block.get("resource")
    about = {**block, **cast("dict[str, Any]", inner)} if isinstance(inner, dict) else block
    kept = ("type", "mimeType", "uri", "name", "title", "text")
    return {name: about[name] for name in kept if isinstance(about.get(name), str) and len(about[name]) <= LARGEST}
