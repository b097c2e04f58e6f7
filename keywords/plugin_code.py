"""The code of a plugin, found where it would be imported from, and read without importing it."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import EntryPoint
from pathlib import Path

LARGEST = 2_000_000  # bytes of a file
MOST = 500  # files
_COMPILED = (".pyc", ".pyo", ".so", ".pyd", ".dll", ".dylib")


class NoCode(Exception):
    """There is no code where it should be; says what is there."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    name: str  # below the folder that it is imported from: "acme_tides/tables.py"
    content: bytes


@dataclass(frozen=True, slots=True)
class Code:
    """All Python of one plugin: its module, or all of its package."""

    root: str  # the top-level module
    main: str  # the file that holds the declaration
    files: tuple[SourceFile, ...]
    folder: str = ""  # that it is imported from
    unreadable: tuple[str, ...] = ()  # what would run and is no text
    others: tuple[SourceFile, ...] = ()  # data beside it: part of the hash

    @property
    def hash(self) -> str:
        """Names exactly this code: any change of any file gives another."""
        told = hashlib.sha256()
        for file in sorted((*self.files, *self.others), key=lambda each: each.name):
            told.update(f"{file.name}\0{len(file.content)}\0".encode())
            told.update(file.content)
        for name in sorted(self.unreadable):
            told.update(name.encode())
        return told.hexdigest()


def of_entry(entry: EntryPoint) -> Code:
    """The code behind an entry point; raises NoCode."""
    module = entry.module
    root = module.partition(".")[0]
    spec = _spec(root)
    if spec is None:
        raise NoCode(f"there is no module {root}")
    if spec.submodule_search_locations is None:
        if not spec.origin or not Path(spec.origin).suffix == ".py":
            raise NoCode(f"{root} is no Python text")
        return _of_file(Path(spec.origin))
    folders = [Path(folder) for folder in spec.submodule_search_locations]
    if len(folders) != 1:
        raise NoCode(f"{root} is spread over {len(folders)} folders")
    return _of_package(folders[0], module)


def _spec(root: str) -> ModuleSpec | None:
    """Where a module at the top would be imported from; nothing is imported to know it."""
    for finder in sys.meta_path:
        if not getattr(finder, "of_reviewed", False) and (found := finder.find_spec(root, None)):
            return found
    return None


def of_path(path: Path, module: str) -> Code:
    """The code of this module below a folder of sources (`.` or `src`), not installed; raises NoCode."""
    root = module.partition(".")[0]
    for folder in (path, path / "src"):
        spec = PathFinder.find_spec(root, [str(folder)])
        if spec and spec.submodule_search_locations and spec.origin:
            return _of_package(Path(spec.origin).parent, module)
        if spec and spec.origin and spec.origin.endswith(".py"):
            return _of_file(Path(spec.origin))
    raise NoCode(f"there is no module {root} in {path}")


def _of_file(file: Path) -> Code:
    return Code(file.stem, file.name, (SourceFile(file.name, _read(file)),), str(file.parent))


def _of_package(folder: Path, module: str) -> Code:
    found: list[Path] = []
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise NoCode(f"{path.name} in it is a link")
        if path.is_file() and "__pycache__" not in path.parts:
            found.append(path)
    if len(found) > MOST:
        raise NoCode(f"it has more than {MOST} files")
    texts = [path for path in found if path.suffix == ".py"]
    compiled = [path for path in found if path.suffix in _COMPILED]
    rest = [path for path in found if path not in texts and path not in compiled]
    above = folder.parent
    parts = module.split(".")
    candidates = [above.joinpath(*parts, "__init__.py"), above.joinpath(*parts).with_suffix(".py")]
    main = next((path for path in candidates if path in texts), None)
    if main is None:
        raise NoCode(f"there is no {module} in {folder}")
    return Code(
        folder.name,
        main.relative_to(above).as_posix(),
        tuple(SourceFile(path.relative_to(above).as_posix(), _read(path)) for path in texts),
        str(above),
        tuple(path.relative_to(above).as_posix() for path in compiled),
        tuple(SourceFile(path.relative_to(above).as_posix(), _read(path)) for path in (*rest, *compiled)),
    )


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise NoCode(f"{path.name} is larger than {LARGEST:,} bytes")
        return path.read_bytes()
    except OSError as error:
        raise NoCode(f"{path.name} cannot be read: {error.strerror}") from None
