"""Dialogs as they are being edited: the last version that compiles is in use, and a broken one is told of.

A file is read whenever somebody asks for it. When its text is another one than before and has a mistake, the one before
goes on being used, also after a restart: it is kept in the data folder until the file is right again. Executions that
run keep the program they began with, whatever happens to the file.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

import structlog

from hostbridge.packages import SUFFIX, TABLES, text_of
from keywords.compile import compile_program
from keywords.mistakes import LimitReached, WrongValue
from keywords.registry import Registry

FOLDER = "last_good"
AGAIN = 30.0  # seconds before folders that could not be watched are tried again
MOST = 10_000  # files whose texts are remembered
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Broken:
    """A dialog whose file has a mistake, and what of it is in use."""

    path: str
    message: str
    line: int
    column: int
    source: str  # the last version that compiles


class Discovery:
    """Reads dialogs for everybody of this process."""

    def __init__(self, registry: Registry, home: Path) -> None:
        self._registry = registry
        self._folder = home / FOLDER
        self._seen: dict[Path, str] = {}  # what each file held when it was read last
        self._good: dict[Path, str] = {}  # where that has a mistake: the text before

    def read(self, path: Path, called: str) -> str:
        """The text of a dialog that is in use; raises LimitReached or WrongValue where there never was a good one."""
        try:
            text = text_of(path, called)
        except (LimitReached, WrongValue) as error:
            return self._instead(path, called, None, Broken(str(path), str(error), 1, 1, ""), error)
        if self._seen.get(path) == text:
            return self._good.get(path, text)
        if path not in self._seen and not self._kept(path).exists():
            self._remember(path, text)  # whether it compiles is told to whoever starts it
            return text
        mistake = self._mistake(path, text)
        if mistake is not None:
            return self._instead(path, called, text, mistake, None)
        if path in self._good or self._kept(path).exists():
            log.info("dialog.right_again", dialog=called)
        elif path in self._seen:
            log.info("dialog.changed", dialog=called)
        self._good.pop(path, None)
        with contextlib.suppress(OSError):
            self._kept(path).unlink(missing_ok=True)
        self._remember(path, text)
        return text

    async def run(self, roots: Callable[[], Iterable[Path]]) -> None:
        """Until cancelled: look at each dialog that changes below these folders as soon as it does."""
        from watchfiles import Change, awatch

        def ours(change: Change, path: str) -> bool:
            return path.endswith(".bas") and f"{SUFFIX}/" in Path(path).as_posix()

        while True:
            folders = [folder for folder in dict.fromkeys(roots()) if folder.is_dir()]
            try:
                async for changes in awatch(*folders, watch_filter=ours, yield_on_timeout=True):
                    for change, path in changes:
                        if change is not Change.deleted:
                            await asyncio.to_thread(self.noticed, Path(path))
                    if [folder for folder in dict.fromkeys(roots()) if folder.is_dir()] != folders:
                        break  # a packages folder has come or gone
            except (OSError, RuntimeError) as error:  # no more watches, or none of the folders is there
                log.warning("packages.not_watched", error=str(error))
                await asyncio.sleep(AGAIN)

    def noticed(self, path: Path) -> None:
        """A file has changed: know it, and say so where it is broken."""
        if path.stem.casefold() != TABLES:
            with contextlib.suppress(OSError, LimitReached, WrongValue):
                self.read(path, path.name)

    # -- inside --------------------------------------------------------------------------------------------------------

    def _instead(self, path: Path, called: str, text: str | None, broken: Broken, error: Exception | None) -> str:
        """The last good text in the place of a broken one; the broken one where there is no other."""
        good = self._good.get(path) or self._before(path)
        if text is not None:
            self._remember(path, text)
        if good is None:
            if error is not None:
                raise error
            assert text is not None
            return text
        if self._good.get(path) != good or text is not None:
            log.warning("dialog.broken", dialog=called, line=broken.line, column=broken.column, error=broken.message)
        self._good[path] = good
        self._keep(path, Broken(broken.path, broken.message, broken.line, broken.column, good))
        return good

    def _before(self, path: Path) -> str | None:
        """What the file held before, if that compiles; or what an earlier process kept."""
        text = self._seen.get(path)
        if text is not None:
            return text if self._mistake(path, text) is None else None
        kept = _loaded(self._kept(path))
        return kept.source if kept and kept.path == str(path) else None

    def _mistake(self, path: Path, text: str) -> Broken | None:
        compiled = compile_program(text, self._registry, path.stem)
        if compiled.program is not None:
            return None
        first = next(d for d in compiled.diagnostics if d.severity == "error")
        return Broken(str(path), first.message, first.line, first.column, "")

    def _remember(self, path: Path, text: str) -> None:
        while len(self._seen) >= MOST:
            self._seen.pop(next(iter(self._seen)))
        self._seen[path] = text

    def _kept(self, path: Path) -> Path:
        return self._folder / f"{hashlib.sha256(bytes(path)).hexdigest()[:32]}.json"

    def _keep(self, path: Path, broken: Broken) -> None:
        with contextlib.suppress(OSError):  # without it the last good version is lost with this process, no more
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            kept = self._kept(path)
            draft = kept.with_name(f".{kept.name}.{uuid4().hex}")
            draft.write_text(json.dumps(asdict(broken), ensure_ascii=False), "utf-8")
            draft.replace(kept)  # another process reads it at any moment


def broken_ones(home: Path) -> list[Broken]:
    """The dialogs whose files are broken, as the processes of this data folder have found them."""
    try:
        files = sorted((home / FOLDER).glob("*.json"))
    except OSError:
        return []
    found = [broken for file in files if (broken := _loaded(file)) and Path(broken.path).exists()]
    return sorted(found, key=lambda broken: broken.path)


def _loaded(file: Path) -> Broken | None:
    try:
        return Broken(**json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
