"""The `.gbai` packages on this machine: where they are found, what is in them.

A package is a folder `<name>.gbai`. Read from it:

    <any>.gbdialog/**/*.bas, *.bas   dialogs; the file's name is the dialog's. `start` greets and holds the prompt of
                                     the agent; `tables` declares tables and is no dialog
    <any>.gbot/config.csv            settings, a name and a value a line
    <any>.gbdata/*.csv               rows that its tables begin with
    <any>.gbot/PROMPT.md             the system prompt of the agent; wins over the one in `start.bas`

Files are read when they are asked for, and folders looked through again when one has changed, so an edited file counts
at once. Names are compared without regard to case,
blanks, hyphens and underscores, and looked up among what was found: no name from a program ever becomes a path. What a
link leads out of its folder is not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import resources
from pathlib import Path

from hostbridge.folders import Found, Remembered
from hostbridge.kept_folders import kept
from keywords.host import ProgramText
from keywords.mistakes import LimitReached, UnknownName, WrongValue

LARGEST = 1024 * 1024  # bytes of one file
DEPTH = 3  # folders between a packages folder and a package
SUFFIX = ".gbai"
TABLES = "tables"
START = "start"
PROMPTS = ("prompt.md", "prompt.txt")
_READ = (
    "*.bas",
    "*.gbdata",
    "*.gbdata/*",
    "*.gbdialog",
    "*.gbdialog/**/*",
    "*.gbot",
    "*.gbot/*",
)  # whatever of a package is looked at
_WORKFLOW = re.compile(r'^\s*ORCHESTRATE\s+WORKFLOW\s+"([^"\n]*)"', re.IGNORECASE | re.MULTILINE)


def alike(name: str) -> str:
    """What two names have in common when they differ only in case, blanks, hyphens and underscores."""
    return re.sub(r"[\s_-]+", "", name.removesuffix(".bas")).casefold()


def shipped() -> Path:
    """The folder of the templates that come with the product."""
    return Path(str(resources.files("bottemplates")))


@dataclass(frozen=True, slots=True)
class Dialog:
    """One BASIC file of a package."""

    name: str
    package: str
    path: Path
    read: Callable[[Path, str], str] = field(default=lambda path, called: text_of(path, called), compare=False)

    @property
    def full_name(self) -> str:
        return f"{self.package}/{self.name}"

    def text(self) -> str:
        """Its program; raises LimitReached or WrongValue when that is not to be read."""
        return self.read(self.path, f"{self.full_name}.bas")

    def program(self) -> ProgramText:
        return ProgramText(self.text(), self.full_name, self.package)


@dataclass(frozen=True, slots=True)
class Package:
    """A bot as a folder."""

    name: str
    folder: Path
    dialogs: Mapping[str, Dialog]  # by what `alike` makes of their names
    settings: tuple[Path, ...] = ()
    prompts: tuple[Path, ...] = ()
    tables: tuple[Path, ...] = ()  # where TABLE blocks stand alone
    data: tuple[Path, ...] = ()  # CSV files

    def dialog(self, name: str) -> Dialog | None:
        """The dialog of that name; `tables` is none."""
        return self.dialogs.get(alike(name))

    def config(self) -> dict[str, str]:
        """The settings of its `config.csv`; the later of two lines with one name counts."""
        found: dict[str, str] = {}
        for path in self.settings:
            for line in text_of(path, f"{self.name}/config.csv").splitlines():
                name, comma, value = line.partition(",")
                name = name.strip().strip('"')
                if not comma or name.startswith("#") or (name.casefold(), value.strip().casefold()) in _HEADERS:
                    continue
                found[name] = value.strip().removeprefix('"').removesuffix('"')
        return found

    def prompt(self) -> str:
        """The system prompt of its `PROMPT.md`, or nothing."""
        for path in self.prompts:
            return text_of(path, f"{self.name}/{path.name}").strip()
        return ""


_HEADERS = frozenset({("name", "value"), ("key", "value")})


class Packages:
    """All packages of some folders, of those kept in a data folder, and the templates that come with the product; the
    first of two namesakes counts."""

    def __init__(
        self, folders: Sequence[Path], home: Path | None = None, read: Callable[[Path, str], str] | None = None
    ) -> None:
        """`read` answers the text of a dialog's file, where that is not simply what stands in it."""
        self._folders = tuple(folders)
        self._home = home
        self._below = Remembered(_packages_of)
        self._inside = Remembered(partial(_package, read or (lambda path, called: text_of(path, called))))

    def names(self) -> tuple[str, ...]:
        """The names of all packages."""
        return tuple(sorted({_name(folder): None for folder in self._found()}))

    def dialogs(self) -> tuple[str, ...]:
        """The full names of all dialogs of all packages."""
        packages: dict[str, Package] = {}
        for folder in self._found():
            packages.setdefault(alike(_name(folder)), self._inside.at(folder))
        return tuple(dialog.full_name for package in packages.values() for dialog in package.dialogs.values())

    def find(self, name: str) -> Package | None:
        """The package of that name; `.gbai` may stand behind it."""
        wanted = alike(name.removesuffix(SUFFIX))
        for folder in self._found():
            if alike(_name(folder)) == wanted:
                return self._inside.at(folder)
        return None

    def config(self, name: str) -> Mapping[str, str]:
        """The settings of a package; none when there is no such package."""
        package = self.find(name)
        return package.config() if package else {}

    def program(self, name: str) -> ProgramText:
        """The workflow that people call `package/dialog`, or by the package or the workflow alone where one fits.

        Raises UnknownName with the near miss, or WrongValue when the name fits several.
        """
        head, slash, tail = name.strip().partition("/")
        package = self.find(head)
        if slash and package:
            dialog = package.dialog(tail)
            if dialog:
                return dialog.program()
            raise UnknownName("workflow", name, [d.full_name for d in package.dialogs.values()], _listed(package))
        workflows = [(d, title) for d, title in self._workflows() if not package or d.package == package.name]
        fitting = [d for d, title in workflows if alike(name) in {alike(title), alike(d.name)}]
        fitting = fitting or [d for d, _ in workflows if package]
        match fitting:
            case [dialog]:
                return dialog.program()
            case []:
                known = sorted(d.full_name for d, _ in workflows)
                raise UnknownName("workflow", name, known, f"There are: {', '.join(known) or 'none'}.")
            case several:
                raise WrongValue(f"Several workflows are called {name}: {', '.join(d.full_name for d in several)}.")

    def _workflows(self) -> Iterator[tuple[Dialog, str]]:
        for name in self.names():
            package = self.find(name)
            for dialog in package.dialogs.values() if package else ():
                try:
                    title = _WORKFLOW.search(dialog.text())
                except (LimitReached, WrongValue):
                    continue
                if title:
                    yield dialog, title[1]

    def roots(self) -> tuple[Path, ...]:
        """The folders that are looked through for packages."""
        known = kept(self._home) if self._home else ()
        return tuple(dict.fromkeys((*self._folders, *known, shipped())))

    def _found(self) -> Iterator[Path]:
        for root in self.roots():
            yield from self._below.at(root)


def is_workflow(source: str) -> bool:
    """Whether the program orchestrates: such a program is started, not offered to a model as a tool."""
    return _WORKFLOW.search(source) is not None


def _listed(package: Package) -> str:
    names = ", ".join(sorted(d.name for d in package.dialogs.values()))
    return f"The package {package.name} has: {names or 'no dialogs'}."


def _packages_of(root: Path) -> Found[tuple[Path, ...]]:
    """The packages below a folder, and the folders in which another one would appear."""
    if not root.is_dir():
        return (), None
    looked: list[Path] = []
    below = list(_packages_below(root, DEPTH, looked))
    real = root.resolve()
    linked = any(_behind_a_link(root, path) for path in (*below, *looked))
    return tuple(f for f in below if f.resolve().is_relative_to(real)), None if linked else looked


def _packages_below(folder: Path, depth: int, looked: list[Path]) -> Iterator[Path]:
    if folder.suffix == SUFFIX:
        yield folder
        return
    if depth < 0 or folder.name.startswith("."):
        return
    looked.append(folder)
    try:
        below = sorted(entry for entry in folder.iterdir() if entry.is_dir())
    except OSError:
        return
    for entry in below:
        yield from _packages_below(entry, depth - 1, looked)


def _name(folder: Path) -> str:
    return folder.name.removesuffix(SUFFIX)


def _package(read: Callable[[Path, str], str], folder: Path) -> Found[Package]:
    name = _name(folder)
    files = (*inside(folder, "*.gbdialog/**/*.bas"), *inside(folder, "*.bas"))
    dialogs: dict[str, Dialog] = {}
    for path in files:
        if path.stem.casefold() != TABLES:
            dialogs.setdefault(alike(path.stem), Dialog(path.stem, name, path, read))
    settings = tuple(inside(folder, "*.gbot/config.csv"))
    tables = tuple(path for path in files if path.stem.casefold() == TABLES)
    data = tuple(path for path in inside(folder, "*.gbdata/*") if path.suffix.casefold() == ".csv")
    prompts = tuple(path for path in inside(folder, "*.gbot/*") if path.name.casefold() in PROMPTS)
    parts = [path for pattern in _READ for path in folder.glob(pattern)]
    looked = None if any(_behind_a_link(folder, p) for p in parts) else [folder, *(p for p in parts if p.is_dir())]
    return Package(name, folder, dialogs, settings, prompts, tables, data), looked


def inside(folder: Path, pattern: str) -> Iterator[Path]:
    """Files of the folder that fit; what a link leads out of it is left out."""
    root = folder.resolve()
    for path in sorted(folder.glob(pattern)):
        real = path.resolve()
        if real.is_relative_to(root) and real.is_file():
            yield path


def _behind_a_link(folder: Path, path: Path) -> bool:
    """Whether a link leads there: then the folder's time of change does not tell all that may change."""
    return path.resolve() != folder.resolve() / path.relative_to(folder)


def text_of(path: Path, called: str, largest: int = LARGEST) -> str:
    """The text of a file; raises LimitReached beyond `largest` bytes and WrongValue when it is not UTF-8."""
    with path.open("rb") as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise LimitReached(f"{called} is larger than {largest >> 20} MB. Split it into several files.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise WrongValue(f"{called} is not UTF-8 text (line {line}). Save it as UTF-8.") from None
