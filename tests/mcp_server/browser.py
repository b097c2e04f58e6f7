"""A real browser: Chromium, driven through its pipe. A test that asks for it skips where `chromium` is missing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

READS, WRITES = 3, 4  # the descriptors at which Chromium takes commands and answers


class Browser:
    """One tab."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands = commands
        self._answers = answers
        self._rest = b""
        self._asked = 0
        self._session: dict[str, str] = {}
        self._told: deque[str] = deque()
        tab = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = {"sessionId": self._ask("Target.attachToTarget", targetId=tab, flatten=True)["sessionId"]}
        self._ask("Page.enable")

    def open(self, address: str) -> str:
        """Go there; the text of the page once it is loaded."""
        self._told.clear()
        self._ask("Page.navigate", url=address)
        return self._loaded()

    def click(self, action: str) -> str:
        """Run a script that leaves the page, such as a click; the text of the next one once it is loaded."""
        self._told.clear()
        self.evaluate(action)
        return self._loaded()

    def evaluate(self, script: str) -> Any:
        answer = self._ask("Runtime.evaluate", expression=script, returnByValue=True, userGesture=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def _loaded(self) -> str:
        while "Page.loadEventFired" not in self._told:
            self._note(self._next())
        return self.evaluate("document.body.innerText")

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._asked += 1
        asking = {"id": self._asked, "method": method, "params": parameters, **self._session}
        os.write(self._commands, json.dumps(asking).encode() + b"\0")
        while (told := self._next()).get("id") != self._asked:
            self._note(told)
        assert "error" not in told, told
        return told["result"]

    def _note(self, told: dict[str, Any]) -> None:
        self._told.append(told.get("method", ""))

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            piece = os.read(self._answers, 65_536)
            assert piece, "the browser has ended"
            self._rest += piece
        line, self._rest = self._rest.split(b"\0", 1)
        return json.loads(line)


@contextmanager
def browser(folder: Path) -> Generator[Browser]:
    """A browser with a fresh profile in this folder."""
    program = shutil.which("chromium")
    if not program:
        pytest.skip("chromium is missing, and this test needs a browser")
    taken, commands = os.pipe()
    answers, given = os.pipe()

    def hand_over() -> None:
        spare = [os.dup(taken), os.dup(given)]
        for low, high in zip((READS, WRITES), [os.dup2(each, 100 + each) for each in spare], strict=True):
            os.dup2(high, low)

    process = subprocess.Popen(
        [
            program,
            "--headless=new",
            "--no-sandbox",  # in a container it has none; it sees our own pages only
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--remote-debugging-pipe",
            f"--user-data-dir={folder / 'profile'}",
            "about:blank",
        ],
        close_fds=False,
        preexec_fn=hand_over,
        stderr=subprocess.DEVNULL,
    )
    os.close(taken)
    os.close(given)
    try:
        yield Browser(commands, answers)
    finally:
        process.terminate()
        process.wait(30)
        os.close(commands)
        os.close(answers)
