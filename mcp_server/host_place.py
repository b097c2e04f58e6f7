"""Where the General Bots host keeps its packages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mcp_server.outside_settings import OutsideSettings

WORK = (Path("/opt/gbo/work"), Path("botserver-stack/data/system/work"))  # unless it is told otherwise


def host_packages(settings: OutsideSettings, work: Sequence[Path] = WORK) -> tuple[Path, ...]:
    """The folders in which the host's packages are found; none where no setting tells of a host."""
    if settings.host_work:
        return settings.host_work
    there = bool(settings.host_database_url or settings.botserver_url)
    return tuple(folder.absolute() for folder in work if folder.is_dir()) if there else ()
