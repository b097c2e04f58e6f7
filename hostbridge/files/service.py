"""The files of bots as keywords ask for them; fulfils `keywords.host.Files`.

A package's files are in its `.gbdrive` folder. A package that came with the product, or a bot without a package, has
its folder in the data folder.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote, urlsplit

from hostbridge.files import archives, formats
from hostbridge.files.drive import Drive, NoFile
from hostbridge.packages import Packages, shipped
from hostbridge.web.requests import ForbiddenAddress
from keywords.host import Identity, Moment, Value
from keywords.mistakes import BadAnswer, LimitReached, ProgramError, Transient
from keywords.values import Object, is_container, text

if TYPE_CHECKING:
    from storage.outgoing import Outgoing

DOWNLOAD_SECONDS = 300.0
DOWNLOAD_BYTES = 64 * 1_048_576
T = TypeVar("T")


class FileTrouble(ProgramError):
    """The disk or the system would not."""

    kind = "files"


class PackageFiles:
    """The drives of all bots of this installation."""

    def __init__(self, packages: Packages, home: Path, outgoing: Callable[[], Outgoing]) -> None:
        self._packages = packages
        self._home = home
        self._outgoing = outgoing

    def drive(self, identity: Identity) -> Drive:
        """The folder of a bot."""
        package = self._packages.find(identity.origin) if identity.origin else None
        own = None
        if package is not None:
            drives = sorted(path for path in package.folder.glob("*.gbdrive") if path.is_dir())
            own = drives[0] if drives else package.folder / f"{package.name}.gbdrive"
            if not package.folder.resolve().is_relative_to(shipped().resolve()):
                return Drive(own)
        owner = f"{identity.tenant}:{identity.origin.casefold() or identity.bot}"
        kept = self._home / "drives" / hashlib.sha256(owner.encode()).hexdigest()[:24]
        return Drive(kept, own if own is not None and own.is_dir() else None)

    async def read(self, identity: Identity, path: str, kind: str) -> Value:
        def work(drive: Drive) -> Value:
            content = drive.content(path)
            if kind == "TABLE":
                return formats.table(content, path)
            words = formats.decoded(content, path)
            return words.splitlines() if kind == "LINES" else words

        return await self._at(identity, work)

    async def write(self, identity: Identity, path: str, content: Value, kind: str) -> str:
        return await self._at(identity, lambda drive: drive.keep(path, formats.encoded(content, path, kind)))

    async def copy(self, identity: Identity, source: str, target: str) -> str:
        return await self._at(identity, lambda drive: drive.copy(source, target))

    async def move(self, identity: Identity, source: str, target: str, *, again: bool) -> str:
        return await self._at(identity, lambda drive: drive.move(source, target, again=again))

    async def remove(self, identity: Identity, path: str, *, again: bool) -> bool:
        return await self._at(identity, lambda drive: drive.remove(path, again=again))

    async def names(self, identity: Identity, folder: str, pattern: str, *, recursive: bool) -> Value:
        return await self._at(identity, lambda drive: drive.names(folder, pattern, recursive=recursive))

    async def details(self, identity: Identity, folder: str) -> Value:
        return await self._at(identity, lambda drive: drive.details(folder))

    async def download(self, moment: Moment, url: str, path: str) -> str:
        """Keep what is behind an address as a file; without a path, under its own name in `downloads`."""
        from storage.outgoing import Forbidden, TooLarge, Unreachable  # the library takes a while to import

        try:
            answer = await self._outgoing().request("GET", url, seconds=DOWNLOAD_SECONDS, most=DOWNLOAD_BYTES)
        except Forbidden as error:
            raise ForbiddenAddress(str(error)) from None
        except TooLarge as error:
            raise LimitReached(str(error)) from None
        except Unreachable as error:
            raise Transient(str(error)) from None
        if answer.status >= 400:
            raise BadAnswer(f"{url.partition('?')[0]} answered {f'{answer.status} {answer.reason}'.strip()}.")
        name = PurePosixPath(unquote(urlsplit(answer.url).path)).name or "file"
        target = path if path and not path.endswith("/") else f"{path or 'downloads/'}{name}"
        return await self._at(moment.identity, lambda drive: drive.keep(target, answer.body))

    async def pack(self, identity: Identity, files: Sequence[str], archive: str) -> str:
        def work(drive: Drive) -> str:
            return archives.packed(drive, [name for file in files for name in _matching(drive, file)], archive)

        return await self._at(identity, work)

    async def unpack(self, identity: Identity, archive: str, folder: str) -> Value:
        return await self._at(identity, lambda drive: archives.unpacked(drive, archive, folder))

    async def pdf(self, identity: Identity, template: str, data: Value, path: str) -> str:
        def work(drive: Drive) -> str:
            found = template_of(drive, template)
            if found is None:
                words, html = _plain_page(template, data), False
            else:
                name, content = found
                words, html = formats.filled(formats.decoded(content, name), data), name.endswith((".html", ".htm"))
            return drive.keep(path, formats.pdf(words, html))

        return await self._at(identity, work)

    async def merge_pdf(self, identity: Identity, files: Sequence[str], path: str) -> str:
        def work(drive: Drive) -> str:
            return drive.keep(path, formats.merged([(file, drive.content(file)) for file in files]))

        return await self._at(identity, work)

    async def qr(self, identity: Identity, words: str, size: int, path: str) -> str:
        return await self._at(identity, lambda drive: drive.keep(path, formats.qr(words, size)))

    async def _at(self, identity: Identity, work: Callable[[Drive], T]) -> T:
        def safely() -> T:
            try:
                return work(self.drive(identity))
            except OSError as error:
                raise FileTrouble(f"The file could not be read or written: {error.strerror or error}.") from None

        return await asyncio.to_thread(safely)


def _matching(drive: Drive, file: str) -> list[str]:
    """The files that a name with `*` means, or the one that it names."""
    folder, slash, name = file.rpartition("/")
    if "*" not in name:
        return [file]
    return [f"{folder}{slash}{found}" for found in drive.names(folder, name, recursive=False)]


def template_of(drive: Drive, name: str) -> tuple[str, bytes] | None:
    """The file that a template's name means, as it is or in `templates/`; None when there is none."""
    for folder in ("", "templates/"):
        for ending in ("", ".html", ".htm", ".txt", ".md"):
            try:
                return f"{name}{ending}", drive.content(f"{folder}{name}{ending}")
            except NoFile:
                continue
    return None


def _plain_page(title: str, data: Value) -> str:
    """What a report looks like for which there is no template."""
    lines: list[str] = [title, ""]
    fields: dict[str, Any] = data if isinstance(data, Object) else {"": data}
    lines += [f"{name}: {text(value)}" if name else text(value) for name, value in fields.items()]
    return "\n".join(lines) if is_container(data) or data is not None else title
