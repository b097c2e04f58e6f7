"""`botmcp chat`: a package written for the host holds a conversation, unchanged."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from mcp_server.app import App, open_app
from mcp_server.cli import chat as command
from mcp_server.conversation import Asked, Conversation, Said
from mcp_server.settings import Settings, read
from tests.model_server import ModelServer, calls, model_server, says

FILES = {
    "shop.gbai/shop.gbdialog/start.bas": (
        "BEGIN SYSTEM PROMPT\nYou sell shoes.\nEND SYSTEM PROMPT\n"
        'ADD TOOL "price"\nADD BOT "carrier" WITH TRIGGER "parcel, delivery"\nCLEAR SUGGESTIONS\n'
        'ADD SUGGESTION "price" AS "What does it cost?"\nADD SUGGESTION TEXT "sandals" AS "Summer shoes"\n'
        'SET CONTEXT "The shop closes at 6."\nname = GET BOT MEMORY("customer")\nIF name <> "" THEN\n'
        'TALK "Welcome back, " + name\nELSE\nTALK "Hello"\nEND IF\n'
    ),
    "shop.gbai/shop.gbdialog/price.bas": (
        'PARAM size AS INTEGER LIKE 42 DESCRIPTION "Which size"\nDESCRIPTION "What a shoe costs"\n'
        'RETURN "Size " + size + " costs " + size * 2\n'
    ),
    "shop.gbai/shop.gbdialog/sign-up.bas": (
        'HEAR name AS NAME WITH "Your name?"\nHEAR size AS "41", "42" WITH "Your size?"\n'
        'SET BOT MEMORY "customer", name\nTALK name + " wears " + size\n'
    ),
    "shop.gbai/shop.gbdialog/broken.bas": 'THROW "It broke."\n',
    "carrier.gbai/carrier.gbdialog/start.bas": "BEGIN SYSTEM PROMPT\nYou carry parcels.\nEND SYSTEM PROMPT\n",
}


@dataclass
class Room:
    app: App
    model: ModelServer

    def talk(self, session: Conversation | None = None) -> Conversation:
        package = self.app.packages.find("shop")
        assert package
        return Conversation(self.app, self.app.caller("chat", ""), package, session.session if session else uuid4())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / "packages" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "packages" / name).write_text(text, "utf-8")
    return tmp_path / "packages"


def settings_of(database: str, folder: Path, model: ModelServer | None) -> Settings:
    home = folder.parent / "home"
    home.mkdir(exist_ok=True)
    if model:
        toml = f'[[models]]\nname = "openai/test"\nurl = "{model.url}"\nkey_variable = "K"\n'
        (home / "botmcp.toml").write_text(toml, "utf-8")
    return read({"BOTMCP_HOME": str(home), "BOTMCP_PACKAGES": str(folder), "DATABASE_URL": database, "K": "k"})


@pytest.fixture
async def room(database: str, folder: Path) -> AsyncIterator[Room]:
    async with model_server() as model, open_app(settings_of(database, folder, model), "command") as app:
        yield Room(app, model)


async def heard(talk: Conversation, text: str | None = None) -> list[str]:
    """What is shown, as texts; a question as its options."""
    told: list[str] = []
    async for shown in talk.begin() if text is None else talk.say(text):
        match shown:
            case Said(text=words):
                told.append(words)
            case Asked(question=question):
                told.append(f"? {', '.join(question.options)}" if question else "!")
    return told


async def test_a_conversation_with_buttons_questions_tools_and_memory(room: Room) -> None:
    talk = room.talk()
    assert await heard(talk) == ["Hello"]
    assert [button.label for button in talk.buttons] == ["What does it cost?", "Summer shoes"]
    assert await heard(talk, "1") == ["Which size (such as 42)?"], "the context is the name of a dialog"
    assert await heard(talk, "41") == ["Size 41 costs 82"]
    assert await heard(talk, "/price 40") == await heard(talk, "/price size=40") == ["Size 40 costs 80"]
    assert await heard(talk, "/sign-up") == ["Your name?", "? "]
    assert await heard(talk, "12345") == ["That is not a name. Please try again.", "? "]
    assert await heard(talk, "ana") == ["Your size?", "? 41, 42"]
    assert await heard(talk, "2") == ["Ana wears 42"]
    assert await heard(room.talk()) == ["Welcome back, Ana"], "what a bot remembers outlives the conversation"


async def test_the_model_has_the_persona_the_tools_the_context_and_what_was_said(room: Room) -> None:
    talk = room.talk()
    await heard(talk)
    room.model.script.extend((calls(("c1", "price", {"size": 44})), says("It is 88."), says("As I said, 88.")))
    assert await heard(talk, "What is 44?") == ["It is 88."]
    first = room.model.bodies[0]
    assert "You sell shoes." in first["messages"][0]["content"] and "closes at 6" in first["messages"][0]["content"]
    assert [tool["function"]["name"] for tool in first["tools"]] == ["price"], "ADD TOOL chose it"
    assert "Size 44 costs 88" in str(room.model.bodies[1]["messages"])
    assert await heard(room.talk(talk), "Again?") == ["As I said, 88."], "the same session goes on later"
    said = [(m["role"], m["content"]) for m in room.model.bodies[2]["messages"] if m["role"] != "system"]
    assert said == [("user", "What is 44?"), ("assistant", "It is 88."), ("user", "Again?")]
    await heard(room.talk(), "Another person")
    assert [m["content"] for m in room.model.bodies[3]["messages"] if m["role"] == "user"] == ["Another person"]


async def test_a_bot_that_was_added_answers_what_its_trigger_is_in(room: Room) -> None:
    talk = room.talk()
    await heard(talk)
    room.model.otherwise = lambda body: says("carrier" if "parcels" in body["messages"][0]["content"] else "shop")(body)
    assert await heard(talk, "Where is my PARCEL?") == ["carrier"]
    assert await heard(talk, "Which colours?") == ["shop"]


async def test_what_cannot_be_done_is_said_and_the_conversation_goes_on(room: Room) -> None:
    talk = room.talk()
    [told] = await heard(talk, "/prise")
    assert told == "There is no tool prise. Did you mean price?"
    assert await heard(talk, "/broken") == ["It broke."]
    assert await heard(talk, "/price many") == ['The input size must be INTEGER, but the text "many" was given.']


async def test_the_command_talks_in_a_terminal(
    database: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = settings_of(database, folder, None)
    monkeypatch.setattr("sys.stdin", io.StringIO("/tools\n\n/sign-up\nAna\n42\nhow are you?\n/quit\nnever\n"))
    assert await command.chat(settings, str(folder / "shop.gbai"), "") == 0
    shown = capsys.readouterr().out
    for words in ("Hello", "[1] What does it cost?", "/price", "Your size?", "[1] 41  [2] 42", "Ana wears 42"):
        assert words in shown, words
    assert "no language model to answer with" in shown and "never" not in shown
