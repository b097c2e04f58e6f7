"""The door for other programs: who gets through it, what they see, and where they end."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path

import pytest

from storage.subprocesses import (
    Command,
    NotAllowed,
    NotStarted,
    SaidTooMuch,
    TookTooLong,
    command,
    converse,
    dismiss,
    run,
    run_blocking,
    start,
)
from tests.processes import ended, lives

CAT = shutil.which("cat") or "/bin/cat"


def python(code: str) -> Command:
    return command(sys.executable, "-I", "-c", code)


def test_a_program_that_is_not_on_the_list_is_refused():
    with pytest.raises(NotAllowed, match="not on the list"):
        command(CAT)


def test_an_operator_can_allow_a_program_by_its_path():
    assert command(CAT, allow={CAT}).argv == (CAT,)


@pytest.mark.parametrize("name", ["postgres", "./postgres", "bin/postgres"])
def test_a_program_is_named_by_its_full_path(name: str):
    with pytest.raises(NotAllowed, match="not an absolute path"):
        command(name)


def test_a_missing_program_says_so():
    with pytest.raises(NotAllowed, match="Is it installed"):
        command("/nowhere/postgres")


def test_a_folder_or_plain_file_is_not_a_program(tmp_path: Path):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "initdb").write_text("")
    for name in ("postgres", "initdb"):
        with pytest.raises(NotAllowed, match="not a program"):
            command(tmp_path / name)


def test_a_program_that_anybody_could_change_is_refused(tmp_path: Path):
    loose = tmp_path / "postgres"
    loose.write_text("#!/bin/sh\n")
    loose.chmod(0o757)
    with pytest.raises(NotAllowed, match="changed by another user"):
        command(loose)


def test_what_starts_a_program_passes_the_list_too():
    with pytest.raises(NotAllowed):
        command(sys.executable, inside=(CAT, "--"))


async def test_a_program_answers_what_it_wrote_and_how_it_ended():
    code = "import sys; sys.stdout.write(sys.stdin.read()); sys.stderr.write('bad'); sys.exit(3)"
    done = await run(python(code), seconds=30, stdin=b"good")
    assert (done.code, done.out, done.err, done.says()) == (3, b"good", b"bad", "bad")


async def test_a_program_may_ignore_what_it_is_given():
    assert (await run(python("pass"), seconds=30, stdin=b"x" * 5_000_000)).code == 0


async def test_arguments_are_never_read_by_a_shell():
    ask = command(sys.executable, "-I", "-c", "import sys; print(sys.argv[1])", "$(id); `id` && *")
    assert (await run(ask, seconds=30)).out == b"$(id); `id` && *\n"


async def test_a_program_sees_only_the_environment_it_is_given(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SECRET_TOKEN", "s3cret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@h/d")
    monkeypatch.setenv("PGDATA", "/elsewhere")
    ask = command(sys.executable, "-I", "-c", "import os; print(sorted(os.environ))", environment={"WANTED": "1"})
    seen = (await run(ask, seconds=30)).out.decode()
    assert "WANTED" in seen
    assert "SECRET_TOKEN" not in seen
    assert "DATABASE_URL" not in seen
    assert "PGDATA" not in seen


@pytest.mark.parametrize("pipe", ["stdout", "stderr"])
async def test_a_program_that_says_too_much_is_stopped(pipe: str):
    with pytest.raises(SaidTooMuch, match="more than 1,000 bytes"):
        await run(python(f"import sys\nwhile True: sys.{pipe}.write('x' * 100)"), seconds=60, limit=1000)


GRANDCHILD = (
    "import os, time\n"
    "pid = os.fork()\n"
    "if pid: open({file!r}, 'w').write(str(pid)); os.rename({file!r}, {file!r} + '.done')\n"
    "time.sleep(600)"
)


async def _pid_in(file: Path) -> int:
    async with asyncio.timeout(30):
        while not file.exists():
            await asyncio.sleep(0.01)
    return int(file.read_text())


async def test_a_program_that_takes_too_long_is_stopped_with_all_it_started(tmp_path: Path):
    file = tmp_path / "pid"
    with pytest.raises(TookTooLong, match="still running after 2 s"):
        await run(python(GRANDCHILD.format(file=str(file))), seconds=2)
    await ended(await _pid_in(tmp_path / "pid.done"))


async def test_a_cancelled_program_is_stopped_with_all_it_started(tmp_path: Path):
    file = tmp_path / "pid"
    task = asyncio.create_task(run(python(GRANDCHILD.format(file=str(file))), seconds=600))
    pid = await _pid_in(tmp_path / "pid.done")
    assert lives(pid)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await ended(pid)


async def test_the_blocking_form_has_a_time_limit_too():
    assert run_blocking(python("print('hello')"), seconds=30).says() == "hello"
    with pytest.raises(TookTooLong):
        await asyncio.to_thread(run_blocking, python("import time; time.sleep(600)"), seconds=0.2)


async def test_what_the_system_cannot_start_says_why(tmp_path: Path):
    broken = tmp_path / "postgres"
    broken.write_bytes(b"\x7fELF but not really")
    broken.chmod(0o700)
    ask = command(broken)
    with pytest.raises(NotStarted, match="postgres could not be started"):
        await run(ask, seconds=5)
    with pytest.raises(NotStarted):
        run_blocking(ask, seconds=5)
    with pytest.raises(NotStarted):
        start(ask, log=tmp_path / "log")


async def test_a_conversation_goes_both_ways_and_ends_when_dismissed():
    process = await converse(command(CAT, allow={CAT}))
    assert process.stdin
    assert process.stdout
    process.stdin.write(b"hello\n")
    assert await process.stdout.readline() == b"hello\n"
    assert await dismiss(process) < 0
    assert await dismiss(process) < 0


async def test_a_partner_that_will_not_go_is_killed():
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )
    process = await converse(python(deaf))
    assert process.stdout
    assert await process.stdout.readline() == b"deaf\n"
    assert await dismiss(process, seconds=0.1) == -9


async def test_a_background_program_has_a_session_of_its_own_and_writes_to_its_log(tmp_path: Path):
    log = tmp_path / "log"
    program = start(python("import os, time; print(os.getsid(0), flush=True); time.sleep(600)"), log=log)
    async with asyncio.timeout(30):
        while not log.read_bytes().endswith(b"\n"):
            await asyncio.sleep(0.01)
    assert int(log.read_text()) == program.pid != os.getsid(0)
    assert program.ended() is None
    assert program.stop(seconds=10) == -15
    assert program.ended() == -15


async def test_a_background_program_outlives_who_started_it(tmp_path: Path):
    code = (
        "import sys\nfrom pathlib import Path\nfrom storage.subprocesses import command, start\n"
        "ask = command(sys.executable, '-I', '-c', 'import time; time.sleep(600)')\n"
        f"print(start(ask, log=Path({str(tmp_path / 'log')!r})).pid)"
    )
    root = str(Path(__file__).parents[2])
    done = await run(command(sys.executable, "-c", code, environment={"PYTHONPATH": root}), seconds=60)
    pid = int(done.out)
    assert lives(pid)
    os.kill(pid, 9)
    await ended(pid)
