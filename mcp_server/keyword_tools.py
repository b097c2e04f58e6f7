"""The MCP tool of the language's reference, for an agent that writes BASIC."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import Annotated, Any, TypeAlias

import mcp.types as types
from mcp.server.mcpserver import Context
from pydantic import BaseModel, Field

from keywords.mistakes import WrongValue
from keywords.registry import Registry
from mcp_server.app import App
from mcp_server.mcp_face.reference import Page, Reference
from mcp_server.mcp_face.tool import READS, Tool
from mcp_server.people import app_of
from mcp_server.replies import block


class KeywordsReply(BaseModel):
    keywords: list[dict[str, Any]] = Field(description="Each: keyword, forms ([..] may be left out), effect, example.")
    next: str


Found: TypeAlias = Annotated[types.CallToolResult, KeywordsReply]


async def search_keywords(
    ctx: Context[App],
    query: Annotated[
        str, Field(max_length=500, description='What you want to do ("how do I wait for an event"), or a keyword.')
    ],
    limit: Annotated[int, Field(ge=1, le=20, description="How many.")] = 5,
) -> Found:
    """Search the reference of BASIC keywords: how each is written and what it does, with an example."""
    if not query.strip():
        raise WrongValue("search_keywords needs a query: a keyword, or what you want to do.")
    registry = app_of(ctx).registry
    found = await asyncio.to_thread(lambda: reference(registry).search(query.strip(), limit))
    if not found:
        then = "Nothing fits. Ask in other words; the resource workflow://grammar has the whole language."
        return block(KeywordsReply(keywords=[], next=then))
    then = "Write the program, then check it with validate_workflow. workflow://grammar has the whole language."
    return block(KeywordsReply(keywords=[row(page) for page in found], next=then))


@lru_cache(maxsize=2)
def reference(registry: Registry) -> Reference:
    """The reference of a registry; made once, in some tenths of a second."""
    from storage.search.embedding import NoWordVectors, installed_word_vectors

    try:
        vectors = installed_word_vectors()
    except NoWordVectors:
        vectors = None
    return Reference(registry, vectors)


def row(page: Page) -> dict[str, Any]:
    """A page as a reply tells it."""
    told: dict[str, Any] = {"keyword": page.name, "forms": list(page.forms), "does": page.summary}
    told |= {"effect": page.effect} if page.effect else {}
    return told | ({"example": page.example} if page.example else {})


TOOLS = (Tool(search_keywords, "Search the keywords", READS, "wf:read", "keywords"),)
