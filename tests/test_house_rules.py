"""The house's rules hold in every file, and each rule is shown to bite."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house_rules import LONGEST, faults, repository_files

ROOT = Path(__file__).parent.parent
SOMEBODY = "/ho" + "me/ann/botmcp"

PLANTED = {
    "import subprocess": "import subprocess",
    "part of subprocess": "from subprocess import run",
    "os.system": "import os\nos.system('ls')",
    "part of os": "from os import execvp",
    "os.fork": "import os\nos.fork()",
    "asyncio's subprocesses": "import asyncio\nasync def f():\n    await asyncio.create_subprocess_exec('ls')",
    "part of asyncio": "from asyncio import create_subprocess_shell",
    "the loop's subprocesses": "def f(loop):\n    loop.subprocess_exec(1)",
    "multiprocessing": "import multiprocessing",
    "a process pool": "from concurrent.futures import ProcessPoolExecutor",
    "bare except": "try:\n    f()\nexcept:\n    pass",
    "an f-string as SQL": "def f(c, t):\n    c.execute(f'select * from {t}')",
    "added SQL": "def f(c, t):\n    c.execute('select * from ' + t)",
    "SQL with %": "def f(c, t):\n    c.execute('select * from %s' % t)",
    "formatted SQL": "def f(c, t):\n    c.execute('select * from {}'.format(t))",
    "joined SQL": "def f(c, t):\n    c.execute(' '.join(t))",
    "encoded SQL": "def f(c, t):\n    c.execute(f'select {t}'.encode())",
    "SQL built before": "def f(c, t):\n    q = f'select {t}'\n    c.execute(q)",
    "SQL grown before": "def f(c, t):\n    q = 'select 1'\n    q += ' where x = 1'\n    c.execute(q)",
    "SQL built for many": "def f(c, t):\n    c.executemany(f'insert into {t}', [])",
    "SQL built for copy": "def f(c, t):\n    c.copy(f'copy {t} from stdin')",
    "os.environ": "import os\nx = os.environ['HOME']",
    "os.getenv": "import os\nx = os.getenv('HOME')",
    "part of the environment": "from os import environ",
    "a private path": f"x = '{SOMEBODY}'",
    "a long file": "\n" * (LONGEST + 1),
}

ALLOWED = {
    "a named statement": "def f(c, sql):\n    c.execute(sql['claim'], {'now': 1})",
    "composed identifiers": "def f(c, t):\n    c.execute(sql.SQL('select * from {}').format(sql.Identifier(t)))",
    "a plain statement": "def f(c):\n    c.execute('select 1')",
    "numbers added": "def f(engine, n):\n    engine.execute(n + 1)",
    "the process class of asyncio": "from asyncio.subprocess import Process",
    "other parts of os": "import os\nos.kill(1, 0)",
    "a long text that is not code": "x = 1",
}


def test_every_file_keeps_the_rules():
    found = [
        str(fault)
        for path in repository_files(ROOT)
        for fault in faults(path.relative_to(ROOT).as_posix(), path.read_text("utf-8", "replace"))
    ]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_breach_is_found(planted: str):
    assert faults("workflow/planted.py", planted)


@pytest.mark.parametrize("fine", ALLOWED.values(), ids=ALLOWED.keys())
def test_what_is_fine_is_not_found(fine: str):
    assert not faults("workflow/fine.py", fine)


def test_the_door_may_start_programs_and_see_the_environment():
    assert not faults("storage/subprocesses.py", "import os\nimport subprocess\nx = os.environ")
    assert not faults("mcp_server/settings.py", "import os\nx = os.environ")


@pytest.mark.parametrize("name", ["workflow/utils.py", "keywords/helpers/text.py", "storage/common.py"])
def test_a_module_without_a_concept_is_found(name: str):
    assert faults(name, "x = 1")


@pytest.mark.parametrize("suffix", ["sql", "lark", "js", "css", "html"])
def test_long_files_that_are_not_python_are_found_too(suffix: str):
    assert faults(f"workflow/long.{suffix}", "\n" * (LONGEST + 1))
    assert not faults(f"workflow/short.{suffix}", "\n" * LONGEST)


def test_prose_may_be_long_but_names_no_private_path():
    assert not faults("docs/long.md", "\n" * (LONGEST + 1))
    assert faults("docs/page.md", f"look into {SOMEBODY}")


def test_the_rules_read_the_files_they_are_meant_for():
    read = {path.relative_to(ROOT).as_posix() for path in repository_files(ROOT)}
    assert {"storage/sql.py", "pyproject.toml", "docs/architecture.md", "tests/house_rules.py"} <= read
