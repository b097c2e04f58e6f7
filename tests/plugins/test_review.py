"""What the review finds in a plugin's code, without running it."""

from __future__ import annotations

from pathlib import Path

import pytest

from keywords.plugin_code import Code, NoCode, SourceFile, of_path
from keywords.plugin_declared import POWERS, Declaration, opens
from keywords.plugin_review import Review, reviewed

TAKING = {
    "a socket": ("import socket", "network"),
    "a part of a socket": ("from socket import create_connection", "network"),
    "an http library": ("import httpx", "network"),
    "urllib's requests": ("from urllib import request", "network"),
    "urllib's requests, dotted": ("import urllib.request as r", "network"),
    "asyncio's connections": (
        "import asyncio\nasync def f():\n    await asyncio.open_connection('a', 1)",
        "network",
    ),
    "the loop's connections": ("def f(loop):\n    return loop.create_connection(1)", "network"),
    "subprocess": ("import subprocess", "programs"),
    "asyncio's subprocesses": ("from asyncio import create_subprocess_exec", "network"),
    "os": ("import os\nos.system('ls')", "environment"),
    "ctypes": ("import ctypes", "native"),
    "exec": ("exec('1')", "dynamic"),
    "eval under another name": ("e = eval\ne('1')", "dynamic"),
    "__import__": ("__import__('socket')", "dynamic"),
    "importlib": ("from importlib import import_module", "dynamic"),
    "pickle": ("import pickle", "dynamic"),
    "open": ("open('/etc/passwd')", "files"),
    "a path": ("from pathlib import Path", "files"),
    "gzip's files": ("import gzip\ngzip.open('x')", "files"),
    "codecs through json": ("import json\njson.codecs.open('x')", "files"),
    "codecs through json, imported": ("from json import codecs\ncodecs.open('x')", "files"),
    "an XML file": ("import xml.etree.ElementTree as ET\nET.parse('x')", "files"),
    "the environment": ("from os import environ", "environment"),
    "sys through dataclasses": ("import dataclasses\ndataclasses.sys.modules", "environment"),
    "a frame": ("def f(e):\n    return e.__traceback__.tb_frame.f_globals", "internals"),
    "the globals of a function": ("def f(g):\n    return g.__globals__", "internals"),
    "all classes": ("().__class__.__base__.__subclasses__()", "internals"),
    "a name in a format": ("def f(x):\n    return '{0.__globals__}'.format(x)", "internals"),
    "a computed name": ("def f(x, n):\n    return getattr(x, n)", "internals"),
    "what is private to a door": ("def f(host):\n    return host.services.files._service", "internals"),
    "a private name, asked for": ("def f(x):\n    return getattr(x, '_service')", "internals"),
    "a module handed around": ("import json\nj = [json]", "internals"),
    "a module changed": ("import json\njson.loads = None", "internals"),
    "a part of botmcp": ("from storage.pool import connect", "internals"),
    "another part of botmcp": ("import workflow.operations", "internals"),
    "the loader of plugins": ("from keywords.plugins import with_plugins", "internals"),
    "what a module of ours imports": ("from keywords.registry import inspect", "internals"),
    "above its own package": ("from .. import secret", "internals"),
    "a thread": ("import threading", "internals"),
    "attrgetter": ("from operator import attrgetter", "internals"),
    "everything of a module": ("from os import *", "environment"),
}

FINE = {
    "what a keyword needs": "from keywords.registry import Effect, keyword\nfrom keywords.mistakes import Transient",
    "the host": "from keywords.host import Recorded\nfrom keywords.plugin_doors import PluginHost",
    "computing": "import json, math, re, statistics\nx = json.loads('[1]')\ny = re.sub('a', 'b', 'c')",
    "times": "from datetime import datetime, timedelta\nimport zoneinfo\nzoneinfo.ZoneInfo('Europe/Berlin')",
    "waiting": "import asyncio\nasync def f():\n    await asyncio.sleep(1)",
    "quoting": "from urllib.parse import quote\nimport urllib.parse\nurllib.parse.urlencode({})",
    "XML in a text": "import xml.etree.ElementTree as ET\nET.fromstring('<a/>')",
    "text in memory": "import io\nio.StringIO('x')",
    "its own parts": "from p import tables\nimport p.tables\nfrom p.tables import ROWS",
    "private parts of its own": "class A:\n    def __init__(self):\n        self._x = 1",
    "a docstring about __globals__": '"""Never uses __globals__ or eval."""',
    "a named tuple": "from collections import namedtuple\nP = namedtuple('P', 'a')\nP(1)._asdict()",
    "a given name": "def f(x):\n    return getattr(x, 'value', None)",
    "nothing": "",
}


def of(text: str, *, others: dict[str, str] | None = None) -> Review:
    files = (SourceFile("p.py", text.encode()), *(SourceFile(n, t.encode()) for n, t in (others or {}).items()))
    return reviewed("p", Code("p", "p.py", files))


@pytest.mark.parametrize(("text", "power"), TAKING.values(), ids=TAKING)
def test_a_power_that_is_taken_is_found_and_refused_until_it_is_declared(text: str, power: str) -> None:
    found = of(text)
    assert power in {finding.power for finding in found.refused}
    told = sorted({finding.power for finding in found.refused})
    covered = of(f"TOUCHES = {{'code': {told}}}\n{text}")
    assert covered.findings and not covered.refused
    others = [each for each in POWERS if each != power]
    assert of(f"TOUCHES = {{'code': {others}}}\n{text}").refused, "another power does not cover it"


@pytest.mark.parametrize("text", FINE.values(), ids=FINE)
def test_what_only_computes_is_not_found(text: str) -> None:
    assert not of(text).findings


def test_a_package_that_nobody_reviewed_is_named_and_must_be_declared() -> None:
    (finding,) = of("import acme_sdk.client").refused
    assert (finding.package, finding.line) == ("acme_sdk", 1) and "not reviewed" in str(finding)
    assert not of("TOUCHES = {'packages': ['acme_sdk']}\nimport acme_sdk.client").refused
    assert of("TOUCHES = {'packages': ['acme']}\nimport acme_sdk.client").refused


def test_every_file_of_a_package_is_read(tmp_path: Path) -> None:
    package = tmp_path / "p"
    package.mkdir()
    (package / "__init__.py").write_text("TOUCHES = {'hosts': ['a.example']}\n", "utf-8")
    (package / "deep.py").write_text("x = 1\nimport socket\n", "utf-8")
    found = reviewed("p", of_path(tmp_path, "p"))
    assert found.declaration.hosts == ("a.example",)
    assert [(each.file, each.line) for each in found.refused] == [("p/deep.py", 2)]


def test_code_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "__init__.py").touch()
    (tmp_path / "p" / "fast.so").write_bytes(b"\x7fELF")
    (finding,) = reviewed("p", of_path(tmp_path, "p")).refused
    assert (finding.file, finding.power) == ("p/fast.so", "native")


def test_a_link_out_of_the_package_is_no_code(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "__init__.py").touch()
    (tmp_path / "p" / "more.py").symlink_to(tmp_path / "elsewhere.py")
    with pytest.raises(NoCode, match=r"more\.py in it is a link"):
        of_path(tmp_path, "p")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def f(:", "cannot be read"),
        ("TOUCHES = {'hosts': HOSTS}", "is computed. Write it out as one literal"),
        ("TOUCHES = {}\nTOUCHES = {'memory': 'write'}", "more than once"),
        ("TOUCHES = ['a']", "no dictionary"),
        ("TOUCHES = {'host': ['a.example']}", "Did you mean 'hosts'"),
        ("TOUCHES = {'hosts': 'a.example'}", "no list of texts"),
        ("TOUCHES = {'hosts': ['https://a.example/x']}", "not a name of that kind"),
        ("TOUCHES = {'hosts': ['*']}", "not a name of that kind"),
        ("TOUCHES = {'memory': 'all'}", '"read" or "write" is expected'),
        ("TOUCHES = {'also': ['model']}", "Did you mean 'models'"),
        ("TOUCHES = {'code': ['sockets']}", "not known"),
    ],
)
def test_a_declaration_that_cannot_be_read_covers_nothing(text: str, says: str) -> None:
    found = of(text)
    assert says in str(found.refused[0]) and found.declaration == Declaration()


def test_only_the_module_of_the_entry_point_declares() -> None:
    assert of("", others={"p/more.py": "TOUCHES = {'memory': 'write'}"}).declaration == Declaration()


def test_any_change_of_any_file_gives_another_hash() -> None:
    one = Code("p", "p.py", (SourceFile("p.py", b"x = 1"),))
    assert one.hash == Code("p", "p.py", (SourceFile("p.py", b"x = 1"),)).hash
    changed = [
        Code("p", "p.py", (SourceFile("p.py", b"x = 2"),)),
        Code("p", "p.py", (SourceFile("q.py", b"x = 1"),)),
        Code("p", "p.py", (SourceFile("p.py", b"x = 1"), SourceFile("r.py", b""))),
        Code("p", "p.py", (SourceFile("p.py", b"x = 1"),), others=(SourceFile("rows.json", b"{}"),)),
    ]
    assert len({one.hash, *(each.hash for each in changed)}) == 5


@pytest.mark.parametrize(
    ("declared", "asked", "opened"),
    [
        ("api.example", "api.example", True),
        ("api.example", "API.example.", True),
        ("api.example", "evil-api.example", False),
        ("api.example", "x.api.example", False),
        ("*.example.com", "a.example.com", True),
        ("*.example.com", "a.b.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "badexample.com", False),
        ("[::1]", "::1", True),
    ],
)
def test_a_host_is_open_by_its_whole_name(declared: str, asked: str, *, opened: bool) -> None:
    assert opens((declared,), asked) is opened
