"""RUN PYTHON, JAVASCRIPT and BASH: a piece of code in a process of its own, where the owner has allowed that.

It runs as the user of botmcp, so whoever may change a package may do what that user may: hence off unless the owner
says otherwise, language by language. It sees none of our environment, has an empty folder that is deleted, and limits
of time, memory, file sizes and output; it gets no terminal and no open files.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from keywords.mistakes import LimitReached, ProgramError, Refused, WrongValue
from storage import subprocesses

SECONDS = 30.0
OUTPUT = 1_000_000  # bytes
LONGEST = 200_000  # characters of code
MEMORY = 512 * 1024 * 1024
LARGEST_FILE = 16 * 1024 * 1024
LANGUAGES = ("python", "javascript", "bash")
_PYTHON = (
    "import resource, sys\n"
    "for what, most in ((resource.RLIMIT_AS, {memory}), (resource.RLIMIT_FSIZE, {file}), (resource.RLIMIT_CORE, 0)):\n"
    "    resource.setrlimit(what, (most, most))\n"
    "exec(compile(sys.stdin.read(), '<RUN PYTHON>', 'exec'), {{'__name__': '__main__'}})\n"
)
_BASH = 'ulimit -v {memory} -f {file} -c 0\neval "$(cat)"\n'


class CodeFailed(ProgramError):
    """The code ended with an error."""

    kind = "code"


class CodeRunner:
    """Runs code of the languages that the owner has allowed."""

    def __init__(self, allowed: Collection[str]) -> None:
        self._programs: Mapping[str, Path | None] = {name: _program(name) for name in LANGUAGES if name in allowed}

    async def run(self, language: str, source: str) -> str:
        """What the code prints; raises Refused where it may not run, CodeFailed with what it says of its error."""
        name = language.casefold()
        if name not in self._programs:
            raise Refused(f"RUN {language} is switched off. The owner allows it with BOTMCP_RUN_CODE={name}.")
        program = self._programs[name]
        if program is None:
            raise Refused(f"RUN {language} needs {name} on this machine, and it is not installed.")
        if len(source) > LONGEST:
            raise LimitReached(f"RUN {language} takes {LONGEST:,} characters of code; this is {len(source):,}.")
        async with _empty_folder() as folder:
            ask = subprocesses.command(
                program,
                *_arguments(name),
                allow=(str(program),),
                environment={"HOME": folder, "TMPDIR": folder},
                folder=Path(folder),
            )
            try:
                done = await subprocesses.run(ask, seconds=SECONDS, stdin=source.encode("utf-8"), limit=OUTPUT)
            except (subprocesses.TookTooLong, subprocesses.SaidTooMuch) as error:
                raise LimitReached(f"RUN {language}: {error}") from None
            except subprocesses.SubprocessError as error:
                raise Refused(f"RUN {language}: {error}") from None
        if done.code != 0:
            raise CodeFailed(f"RUN {language} ended with {done.code}: {done.says() or 'it said nothing'}")
        try:
            return done.out.decode("utf-8").removesuffix("\n").replace("\0", "")
        except UnicodeDecodeError:
            raise WrongValue(f"What RUN {language} printed is not UTF-8 text.") from None


@asynccontextmanager
async def _empty_folder() -> AsyncGenerator[str]:
    """A folder that is deleted with whatever the code left in it, which may take a while."""
    folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="botmcp-code-")
    try:
        yield folder
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))


def _program(name: str) -> Path | None:
    if name == "python":
        return Path(sys.executable)
    found = shutil.which({"javascript": "node", "bash": "bash"}[name])
    return Path(found).resolve() if found else None


def _arguments(name: str) -> tuple[str, ...]:
    match name:
        case "python":
            return "-I", "-c", _PYTHON.format(memory=MEMORY, file=LARGEST_FILE)
        case "javascript":
            return f"--max-old-space-size={MEMORY >> 21}", "-"
        case _:
            return "--noprofile", "--norc", "-c", _BASH.format(memory=MEMORY >> 10, file=LARGEST_FILE >> 10)
