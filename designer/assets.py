"""Style, scripts and icons: served from here alone, under names that carry their content's hash."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from designer.lean_scripts import lean

FOR_EVER = "public, max-age=31536000, immutable"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".txt": "text/plain"}
PREFIX = "/designer/static/"
BUNDLES = {  # several files in one: fewer to ask for, and packed better together
    # htmx begins in the moment it has run, and would never see an extension that arrives a moment later.
    "house.js": ("htmx-4.0.1.min.js", "hx-sse-4.0.1.min.js", "page.js"),
    "editor.js": ("htmx-4.0.1.min.js", "page.js", "canvas.js", "canvas-form.js", "canvas-drag.js", "canvas-code.js"),
    "editor.css": ("page.css", "canvas.css"),
    "drawn.css": ("page.css", "runs.css", "canvas.css"),
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, ready to be sent."""

    name: str  # "page.css"
    kind: str
    body: bytes
    packed: bytes

    @property
    def address(self) -> str:
        stem, dot, suffix = self.name.rpartition(".")
        return f"{PREFIX}{stem}.{sha256(self.body).hexdigest()[:12]}{dot}{suffix}"


class Assets:
    """All files of `designer/static`, read once."""

    def __init__(self) -> None:
        found = [_asset(file) for file in _files(resources.files("designer") / "static")]
        found += [_bundle(name, {asset.name: asset for asset in found}) for name in BUNDLES]
        self._named = {asset.name: asset for asset in found}
        self._at = {asset.address: asset for asset in found}

    def address(self, name: str) -> str:
        """Where the file of this name is; raises KeyError for one that is not there."""
        return self._named[name].address

    @property
    def route(self) -> Route:
        return Route(PREFIX + "{name:path}", self._served, methods=["GET"])

    async def _served(self, request: Request) -> Response:
        asset = self._at.get(request.url.path)
        if asset is None:
            return PlainTextResponse("There is no such file.", 404)
        headers = {"Cache-Control": FOR_EVER, "X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(asset.packed, headers=headers | {"Content-Encoding": "gzip"}, media_type=asset.kind)
        return Response(asset.body, headers=headers, media_type=asset.kind)


def _asset(file: Traversable) -> Asset:
    body = file.read_bytes()
    if file.name.endswith(".css"):
        body = _short(body)
    if file.name.endswith(".js") and ".min." not in file.name:
        body = lean(body.decode()).encode()
    kind = KINDS[f".{file.name.rpartition('.')[2]}"]
    return Asset(file.name, kind, body, gzip.compress(body, 9, mtime=0))


def _short(body: bytes) -> bytes:
    """Style without its remarks, indentation and empty lines."""
    return re.sub(rb"\n\s*", b"\n", re.sub(rb"/\*.*?\*/", b"", body, flags=re.DOTALL)).strip() + b"\n"


def _bundle(name: str, assets: dict[str, Asset]) -> Asset:
    """Files in one."""
    parts = [assets[part] for part in BUNDLES[name]]
    body = b"\n".join(part.body for part in parts)
    return Asset(name, parts[0].kind, body, gzip.compress(body, 9, mtime=0))


def _files(folder: Traversable) -> list[Traversable]:
    found: list[Traversable] = []
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.is_dir():
            found += _files(entry)
        elif f".{entry.name.rpartition('.')[2]}" in KINDS:
            found.append(entry)
    return found
