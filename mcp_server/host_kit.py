"""What an unmodified General Bots server is given to reach us: a row for its `mcp.csv`, and `.bas` tools. Pure.

Scripts of the host can send JSON and no headers, so the key stands in the body. The tools are written for the host's
own text passes: one statement a line, nothing assigned that is a PARAM, no RETURN, `#{` objects, no keyword in a text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hostbridge.elsewhere.servers import COLUMNS
from hostbridge.remote import calls
from keywords.registry import Registry

TOOLS, KEYWORDS = "tools", "keywords"  # folders of the kit


@dataclass(frozen=True, slots=True)
class Param:
    """One PARAM of a tool, and the argument that it becomes."""

    name: str
    like: str
    told: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool of the kit."""

    file: str
    calls: str
    told: str
    params: tuple[Param, ...]
    says: str = "result"  # which part of the answer the user hears


REMOTE = (
    Tool(
        "orchestrate",
        "orchestrate",
        "Start a durable workflow on the botmcp server and tell how it stands",
        (
            Param("workflow", "customer-support/request", "The workflow, as package/dialog"),
            Param("inputs", "{}", "Its inputs as a JSON object"),
        ),
        "status",
    ),
    Tool(
        "publish-event",
        "publish_event",
        "Publish an event that workflows on the botmcp server wait for",
        (
            Param("event_name", "order.paid", "Its name", "event"),
            Param("event_data", "{}", "What comes with it, as JSON", "data"),
        ),
    ),
    Tool(
        "share-memory",
        "share_memory",
        "Share a memory of one bot with another bot",
        (
            Param("memory_key", "tone", "The key of the memory", "key"),
            Param("from_bot", "sales", "The bot whose memory it is"),
            Param("with_bot", "support", "The bot that shall have it too"),
        ),
        "status",
    ),
    Tool(
        "optimize-for",
        "llm_optimize_for",
        "Ask the language model that fits a goal best: speed, cost or quality",
        (
            Param("prompt", "Say hello", "What to ask"),
            Param("goal", "cost", "speed, cost, quality or balanced", "optimize_for"),
        ),
    ),
)


def kit(url: str, key: str, registry: Registry) -> Mapping[str, str]:
    """The files of the kit, by their paths below its folder."""
    files = {"mcp.csv": row(url, key)}
    files |= {f"{TOOLS}/{tool.file}.bas": script(tool, url, key) for tool in REMOTE}
    files |= {f"{KEYWORDS}/{name}.bas": text for name, text in calls.deliveries().items()}
    for keyword in registry:
        if calls.passed_on(keyword):
            files |= {f"{KEYWORDS}/{name}.bas": text for name, text in calls.scripts(keyword).items()}
    return files


def row(url: str, key: str) -> str:
    """The `mcp.csv` of the host: its header and our row. The host sends the text of `auth_env` as the key."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    told = "Durable workflows, events, shared memory, model routing"
    writer.writerow(("botmcp", "http", url, "", told, "true", "bearer" if key else "", key, "Medium", "false"))
    return out.getvalue()


def script(tool: Tool, url: str, key: str) -> str:
    """The tool as a program of the host."""
    return "\n".join(_lines(tool, url, key)) + "\n"


def _lines(tool: Tool, url: str, key: str) -> Iterator[str]:
    for param in tool.params:
        yield f'PARAM {param.name} AS STRING LIKE "{param.like}" DESCRIPTION "{param.told}"'
    yield f'DESCRIPTION "{tool.told}"'
    yield ""
    arguments = ", ".join(f"{param.argument or param.name}: {param.name}" for param in tool.params)
    own = f'api_key: "{key}", ' if key else ""
    yield f'answer = POST "{url}/tools/call", #{{{own}name: "{tool.calls}", arguments: #{{{arguments}}}}}'
    yield "IF answer.status = 200 THEN"
    yield f"TALK answer.data.{tool.says}"
    yield "ELSE"
    yield "TALK answer.data.error"
    yield "END IF"
