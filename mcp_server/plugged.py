"""The language of this installation: the core's keywords and those of its plugins, as its owner allows them.

Which code an owner trusts beyond what it declares stands in `trusted_plugins.json` of the data folder, written by
`botmcp plugin review NAME --trust`, and in BOTMCP_TRUSTED_PLUGINS, for machines that are set up by others.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from hostbridge.remote.calls import within_reach
from keywords.library import registry
from keywords.plugin_review import Review
from keywords.plugins import with_plugins
from keywords.registry import Registry
from mcp_server.rendezvous import version
from mcp_server.settings import Settings, SettingsError, process_environment

FILE = "trusted_plugins.json"
FITTING = "fitting_plugins.json"
_MOST = 50  # of them


class _Fitting:
    """Which plugins this release found to leave the language as it is; a tenth of a second at each start."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._file = settings.home / FITTING
        self._release = version()

    def fits(self, key: str) -> bool:
        return f"{self._release} {key}" in self._known()

    def add(self, key: str) -> None:
        kept = [*self._known(), f"{self._release} {key}"][-_MOST:]
        with contextlib.suppress(OSError, SettingsError):  # where nothing can be written, every start looks again
            self._settings.made_home()
            _write(self._file, kept)

    def _known(self) -> list[str]:
        try:
            found: Any = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):
            return []
        return [str(each) for each in cast("list[Any]", found)] if isinstance(found, list) else []


def plugged(settings: Settings) -> Registry:
    """Every keyword there is here; raises PluginRefused."""
    secrets, found = process_environment(), _Fitting(settings)
    core = within_reach(registry()) if settings.botserver_url else registry()
    return with_plugins(core, settings.plugins, trusted=trusted(settings), secrets=secrets.get, found=found)


def trusted(settings: Settings) -> Mapping[str, str]:
    """The hash of the code that is trusted, by plugin."""
    told = {name: str(row.get("hash", "")) for name, row in _kept(settings.home / FILE).items()}
    for each in settings.trusted_plugins:
        name, _, code = each.partition("=")
        told[name.strip()] = code.strip()
    return told


def trust(settings: Settings, review: Review, by: str, now: datetime) -> Path:
    """Let exactly this code run, whatever it does; where that is written down."""
    file = settings.made_home() / FILE
    rows = dict(_kept(file))
    rows[review.plugin] = {
        "hash": review.code.hash,
        "by": by,
        "at": now.isoformat(),
        "what": [str(finding) for finding in review.refused],
    }
    _write(file, rows)
    return file


def distrust(settings: Settings, plugin: str) -> bool:
    """Take the trust back; whether there was any."""
    file = settings.home / FILE
    rows = dict(_kept(file))
    if rows.pop(plugin, None) is None:
        return False
    _write(file, rows)
    return True


def _write(file: Path, rows: Mapping[str, Any] | list[str]) -> None:
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(rows, indent=2) + "\n", "utf-8")
    fresh.chmod(0o600)
    fresh.replace(file)


def _kept(file: Path) -> Mapping[str, Mapping[str, Any]]:
    try:
        found: Any = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        raise SettingsError(f"{file} cannot be read. Mend it, or delete it and review the plugins once more.") from None
    rows = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    return {name: cast("dict[str, Any]", row) for name, row in rows.items() if isinstance(row, dict)}
