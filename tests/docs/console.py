"""Runs the commands of a page in one folder, in the order of the page, and compares what they print.

What a reader sees is one possible output. Compared is what is the same every time: ids, times, addresses and numbers of
processes stand for any other (the same id for the same one), `...` stands for any text, or for any lines when it has a
line of its own. An id that a command has printed is filled in where a later command names it.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs.pages import Example

SECONDS = 180
INSTALL_SECONDS = 1800
LOOK_SECONDS = 30
LOOKS = re.compile(r"botmcp (executions (show|list)|status|approve$|events|memory list)")  # a reader looks again, too
KEPT = re.compile(r"(TMPDIR|LANG|(PIP|UV|SSL)_\w+|\w*(_PROXY|_CA_BUNDLE))$", re.IGNORECASE)  # how this machine installs
PROMPT = "$ "
_ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_LOOSE = re.compile(
    rf"(?P<id>{_ID})"
    r"|(?P<gap>\.\.\.)"
    r"|(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)"
    r"|(?P<seconds>\d+(?:\.\d+)? (?:s|ms|seconds?|minutes?|MB|GB)\b)"
    r"|(?P<address>127\.0\.0\.1:\d+)"
    r"|(?P<process>\bprocess \d+)"
    r"|(?P<space>[ ]+)"
)
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_ANY = {
    "gap": r".*?",
    "time": r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?",
    "seconds": r"\d+(?:\.\d+)? \w+",
    "address": r"127\.0\.0\.1:\d+",
    "process": r"process \d+",
    "space": r"[ ]+",
}


class Unlike(AssertionError):
    """A command did not do what the page says."""


@dataclass(frozen=True)
class Command:
    """One command of a page and what it prints there."""

    where: str
    text: str
    expected: tuple[str, ...]
    fails: bool
    seconds: float = SECONDS


def commands(example: Example) -> list[Command]:
    """The commands of a console block."""
    found: list[Command] = []
    lines = example.text.splitlines()
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.startswith(PROMPT):
            raise Unlike(f"{example.name}: a console block begins with a command, `$ ...`; this is {line!r}")
        first = at
        text = line.removeprefix(PROMPT)
        while text.endswith("\\") or ((ends := _heredoc(text)) and ends not in text.splitlines()[1:]):
            at += 1
            text += "\n" + lines[at]
        at += 1
        expected: list[str] = []
        while at < len(lines) and not lines[at].startswith(PROMPT):
            expected.append(lines[at])
            at += 1
        where = f"{example.page.name}:{example.line + first}"
        seconds = INSTALL_SECONDS if example.installs else SECONDS
        found.append(Command(where, text, tuple(expected), example.fails, seconds))
    return found


def _heredoc(text: str) -> str:
    found = re.search(r"<<'?(\w+)'?", text.splitlines()[0])
    return found[1] if found else ""


@dataclass
class Console:
    """A shell in a folder of its own, with what stands on the path."""

    folder: Path
    home: Path
    path: tuple[Path, ...] = ()
    more: Mapping[str, str] = field(default_factory=dict[str, str])
    told: Callable[[str], None] = lambda line: None
    ids: dict[str, str] = field(default_factory=dict[str, str])  # of the page, and of this run
    staying: list[subprocess.Popen[bytes]] = field(default_factory=list[subprocess.Popen[bytes]])
    printed: str = ""  # by the last command

    @property
    def _before(self) -> str:
        """What makes a shell go on where the last one has left: its folder and its variables."""
        return f"[ ! -e {self._kept} ] || . {self._kept}"

    @property
    def _after(self) -> str:
        return f"code=$?; {{ export -p; echo \"cd '$PWD'\"; }} > {self._kept}; exit $code"

    @property
    def _kept(self) -> Path:
        return self.home / f".shell-{self.folder.name}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if KEPT.match(name)}
        path = os.pathsep.join([*map(str, self.path), os.environ.get("PATH", os.defpath)])
        return {**kept, "PATH": path, "HOME": str(self.home), "COLUMNS": "120", "NO_COLOR": "1", **self.more}

    def write(self, example: Example) -> None:
        """The file that the example is."""
        path = self.folder / example.title
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(example.text, "utf-8")

    def play(self, shown: Iterable[Example]) -> None:
        """Write the files and run the commands; raises Unlike at the first that differs."""
        for example in shown:
            if example.shown_only:
                continue
            if example.title:
                self.write(example)
            elif example.language == "console":
                for command in commands(example):
                    self.run(command)

    def run(self, command: Command) -> None:
        """Run one command and compare what it prints."""
        text = self._filled(command.text)
        self.told(f"$ {text}")
        if text.endswith("&"):
            self._stay(command, text)
            return
        until = time.monotonic() + LOOK_SECONDS
        while True:
            code, printed = self._ended(command, text)
            well = (code != 0) is command.fails
            if well and (not command.expected or self._like(command.expected, printed)):
                break
            if not LOOKS.match(text) or time.monotonic() > until:
                self.told(printed.rstrip("\n"))
                raise Unlike(self._wrong(command, text, code, printed, well))
        self.printed = printed
        self.told(printed.rstrip("\n"))

    def close(self) -> None:
        """End what still runs."""
        for process in self.staying:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.communicate(timeout=20)
        self.staying.clear()

    def _ended(self, command: Command, text: str) -> tuple[int, str]:
        """The exit code of a command and what it has printed."""
        try:
            done = subprocess.run(
                ["bash", "-c", f"{self._before}\n{text}\n{self._after}"],
                cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=command.seconds, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            printed = plain(error.output or b"")
            raise Unlike(f"{command.where}: `{text}` has not ended after {command.seconds} s:\n{printed}") from None
        return done.returncode, plain(done.stdout)

    def _stay(self, command: Command, text: str) -> None:
        """Start a command that stays, and read on until it has printed what is expected."""
        process = subprocess.Popen(
            ["bash", "-c", f"{self._before}\nexec {text.removesuffix('&')}"], cwd=self.folder, env=self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        self.staying.append(process)
        assert process.stdout
        printed, until = "", time.monotonic() + SECONDS
        while not self._like(command.expected, printed):
            line = process.stdout.readline()
            if not line or time.monotonic() > until:
                raise Unlike(f"{command.where}: `{text}` printed\n{printed}")
            printed += plain(line)
        self.told(printed.rstrip("\n"))

    def _wrong(self, command: Command, text: str, code: int, printed: str, well: bool) -> str:
        if not well:
            return f"{command.where}: `{text}` ended with {code}:\n{printed}"
        wanted = "\n".join(command.expected)
        return f"{command.where}: `{command.text}` should print\n{wanted}\n--- and printed\n{printed}"

    def _like(self, expected: tuple[str, ...], printed: str) -> bool:
        known: dict[str, str] = {}
        pattern = "".join(self._pattern(line, known) for line in expected)
        lines = "".join(f"{line.rstrip()}\n" for line in printed.strip("\n").splitlines())
        if not (found := re.fullmatch(pattern, lines)):
            return False
        self.ids.update({shown: found[group] for shown, group in known.items()})
        return True

    def _pattern(self, line: str, known: dict[str, str]) -> str:
        """What a line of the page stands for; `known` gets the groups of ids that are new."""
        if line.strip() == "...":
            return r"(?:.*\n)*?"
        pattern, at = "", 0
        line = line.strip()
        for loose in _LOOSE.finditer(line):
            pattern += re.escape(line[at : loose.start()])
            at = loose.end()
            if loose.lastgroup == "id":
                pattern += self._id(loose[0], known)
            else:
                pattern += _ANY[str(loose.lastgroup)]
        return rf" *{pattern}{re.escape(line[at:])}\n"

    def _id(self, shown: str, known: dict[str, str]) -> str:
        if shown in self.ids:
            return re.escape(self.ids[shown])
        if shown in known:
            return f"(?P={known[shown]})"
        known[shown] = f"id{len(known)}"
        return f"(?P<{known[shown]}>{_ID})"

    def _filled(self, text: str) -> str:
        """The command with the ids of this run, also where the page names one by its beginning."""
        for shown, own in self.ids.items():
            text = text.replace(shown, own)
            text = re.sub(rf"\b{shown[:8]}\b(?!-)", own[:13], text)
        return text


def plain(printed: bytes) -> str:
    """What was printed, without colours."""
    return _ANSI.sub("", printed.decode("utf-8", "replace")).replace("\r", "")


def installed() -> tuple[Path, ...]:
    """Where the commands of this environment are."""
    return (Path(sys.executable).parent,)
