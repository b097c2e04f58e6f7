"""MCP Apps: pages that a host shows beside a tool's reply. Each is one HTML file that loads nothing and asks the host.

A page only shows and asks: what a person decides on it goes through decide_approval, which asks the person as it does
everybody, so a page gives an agent no way to approve. A host without pages shows the reply, which says the same.
"""

from __future__ import annotations

from importlib import resources
from typing import Any

from mcp.server.apps import Apps, ResourceCsp

from mcp_server.app import App
from mcp_server.mcp_face.tool import Tool

PAGES = {
    "ui://botmcp/execution.html": ("execution.html", "An execution", "The live flowchart of an execution."),
    "ui://botmcp/approvals.html": ("approvals.html", "Approvals", "What waits for a person's decision."),
}


def apps(app: App) -> Apps:
    """The extension with its pages."""
    extension = Apps()
    for uri, (file, title, description) in PAGES.items():
        extension.add_html_resource(
            uri,
            page(file),
            name=file.removesuffix(".html"),
            title=title,
            description=description,
            csp=ResourceCsp(connect_domains=[], resource_domains=[]),
            prefers_border=True,
        )
    return extension


def page(file: str) -> str:
    """The page, with the script that all share."""
    folder = resources.files("mcp_server.mcp_face").joinpath("pages")
    shared = {name: folder.joinpath(name).read_text("utf-8") for name in ("card.css", "card.js")}
    text = folder.joinpath(file).read_text("utf-8")
    for name, part in shared.items():
        text = text.replace(f"/* {name} */", part)
    return text


def meta(tool: Tool) -> dict[str, Any] | None:
    """What a tool's entry says of its page."""
    return {"ui": {"resourceUri": tool.card}} if tool.card else None
