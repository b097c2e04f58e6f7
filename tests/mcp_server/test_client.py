"""The thin client against a server that is only a socket: what it carries, and what it does when the server dies."""

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from mcp_server import client, rendezvous
from mcp_server.client import READING_TOOLS, Relay
from mcp_server.rendezvous import STOPPED, Hello, MeetingError, heard, newer, place
from mcp_server.settings import Settings, read

LIST = Path(__file__).with_name("tools.json")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = read({"BOTMCP_HOME": str(tmp_path / "home")})
    made.made_home()
    return made


class Server:
    """Answers hellos and hands each connection to the test."""

    def __init__(self, settings: Settings, opened: ExitStack) -> None:
        self.place = place(settings.home)
        self.opened = opened
        self.listener = opened.enter_context(socket.socket(socket.AF_UNIX))
        self.listener.bind(str(self.place.socket))
        self.listener.listen()

    def welcome(self) -> tuple[socket.socket, Iterator[bytes]]:
        link = self.opened.enter_context(self.listener.accept()[0])
        lines = iter(self.opened.enter_context(link.makefile("rb", buffering=0)).readline, b"")
        assert heard(next(lines))
        link.sendall(Hello("1", "s", answer="welcome").line())
        return link, lines


class Client:
    """A client that runs in a thread, with pipes for stdin and stdout."""

    def __init__(self, settings: Settings, opened: ExitStack) -> None:
        stdin, asking = os.pipe()
        said, stdout = os.pipe()
        self.said = opened.enter_context(os.fdopen(said, "rb", buffering=0))
        self.asking = opened.enter_context(os.fdopen(asking, "wb", buffering=0))
        self.code: int | None = None
        self._stdin, self._stdout = opened.enter_context(os.fdopen(stdin, "rb")), os.fdopen(stdout, "wb")
        self.thread = threading.Thread(target=self._run, args=(settings,), daemon=True)
        opened.callback(self.thread.join, 5)
        opened.callback(self.asking.close)
        self.thread.start()

    def _run(self, settings: Settings) -> None:
        with self._stdout:
            self.relay = Relay(settings, self._stdin, self._stdout)
            self.code = self.relay.run()
            self.relay.close()

    def ask(self, **message: object) -> None:
        self.asking.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")

    def hear(self) -> dict[str, object]:
        return json.loads(self.said.readline())


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def server(settings: Settings, opened: ExitStack) -> Server:
    return Server(settings, opened)


@pytest.fixture
def pipes(server: Server, settings: Settings, opened: ExitStack) -> Iterator[Client]:
    client = Client(settings, opened)
    yield client
    client.relay.leave()


def test_lines_go_both_ways_and_the_end_of_stdin_ends_the_session(server: Server, pipes: Client) -> None:
    link, lines = server.welcome()
    pipes.ask(id=1, method="ping")
    assert json.loads(next(lines))["method"] == "ping"
    link.sendall(b'{"jsonrpc":"2.0","id":1,"result":{}}\n')
    assert pipes.hear()["result"] == {}
    pipes.asking.close()
    assert list(lines) == []
    link.shutdown(socket.SHUT_RDWR)
    pipes.thread.join(5)
    assert pipes.code == 0


def test_a_request_without_answer_gets_an_error_and_the_handshake_is_said_again(server: Server, pipes: Client) -> None:
    link, lines = server.welcome()
    pipes.ask(id=0, method="initialize")
    next(lines)
    link.sendall(b'{"jsonrpc":"2.0","id":0,"result":{"first":true}}\n')
    assert pipes.hear()["id"] == 0
    pipes.ask(method="notifications/initialized")
    pipes.ask(id="a", method="tools/call")
    next(lines)
    next(lines)
    link.shutdown(socket.SHUT_RDWR)
    again, lines = server.welcome()
    assert [json.loads(next(lines))["method"]] == ["initialize"]
    again.sendall(b'{"jsonrpc":"2.0","id":0,"result":{"second":true}}\n')
    assert json.loads(next(lines))["method"] == "notifications/initialized"
    lost = pipes.hear()
    assert lost["id"] == "a" and "get_execution" in str(lost["error"])
    pipes.ask(id=2, method="tools/list")
    assert json.loads(next(lines))["id"] == 2
    again.sendall(b'{"jsonrpc":"2.0","id":2,"result":{"tools":[]}}\n')
    assert pipes.hear()["id"] == 2, "the second answer to initialize was for nobody"


def test_what_only_reads_is_asked_again_and_what_writes_is_not(server: Server, pipes: Client) -> None:
    link, lines = server.welcome()
    pipes.ask(id=1, method="tools/call", params={"name": "get_execution", "arguments": {"execution_id": "x"}})
    pipes.ask(id=2, method="tools/call", params={"name": "orchestrate", "arguments": {"source": "RETURN 1"}})
    pipes.ask(id=3, method="tools/list")
    for _ in range(3):
        next(lines)
    link.sendall(b'{"jsonrpc":"2.0","id":3,"result":{"tools":[]}}\n')
    assert pipes.hear()["id"] == 3
    link.shutdown(socket.SHUT_RDWR)
    again, lines = server.welcome()
    assert pipes.hear()["id"] == 2
    repeated = json.loads(next(lines))
    assert (repeated["id"], repeated["params"]["name"]) == (1, "get_execution")
    again.sendall(b'{"jsonrpc":"2.0","id":1,"result":{"content":[]}}\n')
    assert pipes.hear() == {"jsonrpc": "2.0", "id": 1, "result": {"content": []}}
    pipes.ask(id=4, method="ping")
    assert json.loads(next(lines))["id"] == 4, "what was answered is not repeated"


def test_the_tools_that_are_asked_again_are_those_that_promise_to_read() -> None:
    tools = json.loads(LIST.read_text("utf-8"))  # another test holds it to what the server offers
    assert {tool["name"] for tool in tools if tool["annotations"]["readOnlyHint"]} == READING_TOOLS


def test_an_unanswered_handshake_is_answered_by_the_next_server(server: Server, pipes: Client) -> None:
    link, lines = server.welcome()
    pipes.ask(id=0, method="initialize")
    next(lines)
    link.shutdown(socket.SHUT_RDWR)
    again, lines = server.welcome()
    next(lines)
    again.sendall(b'{"jsonrpc":"2.0","id":0,"result":{}}\n')
    assert pipes.hear() == {"jsonrpc": "2.0", "id": 0, "result": {}}


def test_a_server_that_was_stopped_ends_the_client(
    server: Server, pipes: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    link, _ = server.welcome()
    link.sendall(STOPPED)
    link.shutdown(socket.SHUT_RDWR)
    pipes.thread.join(5)
    assert pipes.code == 0 and "was stopped" in capsys.readouterr().err
    assert pipes.said.read() == b""


def test_a_server_that_cannot_start_says_why(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(meeting: rendezvous.Place, settings: Settings):
        meeting.start_error.write_text("The disk is full.\n", "utf-8")
        return lambda: 1

    monkeypatch.setattr(client, "_start", failing)
    with pytest.raises(MeetingError, match=r"^The disk is full.$"):
        client.joined(settings)


def test_a_socket_that_nobody_answers_is_as_good_as_none(server: Server, settings: Settings) -> None:
    server.listener.close()
    assert place(settings.home).socket.exists()
    assert rendezvous.connected(place(settings.home).socket, Hello("1", "s", "status")) is None


def test_the_meeting_place_is_private_and_short_enough(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    for home in (tmp_path, deep):
        meeting = place(home)
        assert meeting.folder.stat().st_mode & 0o777 == 0o700
        with socket.socket(socket.AF_UNIX) as probe:
            probe.bind(str(meeting.folder / "retired-4294967295.sock"))
        assert place(home) == meeting
        (meeting.folder / "retired-4294967295.sock").unlink()


def test_versions_compare_by_their_numbers() -> None:
    assert newer("0.10.0", "0.9.1") and not newer("0.9.1", "0.9.1") and not newer("0.9", "0.9.1")


@pytest.mark.parametrize("line", [b"", b"x\n", b"[1]\n", b'{"want":"mcp"}', b"\xff\n"])
def test_what_is_no_hello_is_not_heard(line: bytes) -> None:
    assert heard(line) is None
