"""How BOT finds a bot and gets its answer."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hostbridge.bots import PackageBots
from hostbridge.packages import Packages
from keywords.check import check
from keywords.host import ProgramText, Services, bot_id
from keywords.library import registry
from keywords.mistakes import UnknownName
from memory.reads import PostgresMemories
from smartrouter.catalogue import Model
from smartrouter.router import LitellmModels
from storage.pool import Pool
from tests.hostbridge.driver import TENANT, Runner
from tests.model_server import ModelServer, calls, fails, model_server, says

PROMPT = """BEGIN SYSTEM PROMPT
  You sell shoes.

  Be brief.
END SYSTEM PROMPT
ADD TOOL "nobody provides this keyword"
"""
FILES = {
    "shop.gbai/shop.gbdialog/main.bas": 'RETURN BOT "price" "How much?"',
    "shop.gbai/shop.gbdialog/price.bas": 'RETURN "price: " + message',
    "shop.gbai/shop.gbdialog/stock.bas": "RETURN 1",
    "shoes.gbai/shoes.gbdialog/start.bas": PROMPT,
    "shoes.gbai/shoes.gbdialog/find-shoe.bas": (
        'DESCRIPTION "Finds a shoe"\nPARAM size AS INTEGER LIKE 42 DESCRIPTION "European size"\n'
        'PARAM colour AS STRING OPTIONAL\nRETURN "size " + (size + 1) + " " + colour'
    ),
    "shoes.gbai/shoes.gbdialog/broken.bas": "IF x THEN",
    "shoes.gbai/flow.bas": 'ORCHESTRATE WORKFLOW "flow"\nEND WORKFLOW',
    "stock.gbai/main.bas": 'RETURN "another package"',
}


@pytest.fixture
def packages(tmp_path: Path) -> Packages:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return Packages([tmp_path])


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with model_server() as running:
        yield running


class NoMemories:
    """Nobody remembers anything."""

    async def listed(self, *asked: Any) -> tuple[()]:
        return ()


def runner(packages: Packages, pool: Pool | None, server: ModelServer | None = None) -> Runner:
    table = registry()
    known = [Model("openai/test", server.url, "key")] if server else []
    models = LitellmModels(known, os.environ, packages.config)
    bots = PackageBots(packages, table, lambda origin: bool(models.configured(origin)))
    memories: Any = PostgresMemories(pool) if pool else NoMemories()
    return Runner(table, Services(bots, models, memories), pool)


async def result(packages: Packages, source: str, server: ModelServer | None = None, origin: str = "") -> Any:
    end = await runner(packages, None, server).run(ProgramText(source, "test", origin), {})
    assert end.mistake is None, end.mistake
    return end.result


async def mistake(packages: Packages, source: str, origin: str = "", server: ModelServer | None = None) -> str:
    end = await runner(packages, None, server).run(ProgramText(source, "test", origin), {})
    assert end.mistake
    return str(end.mistake)


# -- who answers -------------------------------------------------------------------------------------------------------


async def test_a_dialog_of_the_same_package_answers_first(packages: Packages) -> None:
    assert await result(packages, 'RETURN BOT "stock" "main"', origin="shop") == 1
    assert await result(packages, 'RETURN BOT "stock" "main"') == "another package"


async def test_a_dialog_gets_the_message(packages: Packages) -> None:
    assert await result(packages, 'RETURN BOT "PRICE" "How much?"', origin="shop") == "price: How much?"


async def test_a_bot_may_be_named_by_package_and_dialog(packages: Packages) -> None:
    assert await result(packages, 'RETURN BOT "shop/price" "x"') == "price: x"


@pytest.mark.parametrize("message", ["find-shoe", "Find shoe", "FIND SHOE", "findshoe"])
async def test_a_message_that_names_a_dialog_runs_it(packages: Packages, message: str) -> None:
    source = f'size = "41"\ncolour = "red"\nRETURN BOT "shoes" "{message}"'
    assert await result(packages, source) == "size 42 red"


async def test_a_package_without_a_message_begins_its_start(packages: Packages, tmp_path: Path) -> None:
    assert "The bot stock needs a message" in await mistake(packages, 'x = BOT "stock"')
    (tmp_path / "stock.gbai/start.bas").write_text('RETURN "welcome"', "utf-8")
    assert await result(packages, 'RETURN BOT "stock"') == "welcome"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ('RETURN CALL "add.bas", 2, 3', 5),
        ('RETURN CALL "Add" WITH b = 1, a = 2', 3),
        ('a = 4\nRETURN CALL TOOL "add" WITH a, b = 1', 5),
        ('CALL "add.bas", 2, 3\nRETURN "on"', "on"),
    ],
)
async def test_call_runs_a_script_of_the_package(packages: Packages, tmp_path: Path, line: str, answer: Any) -> None:
    script = "PARAM a AS INTEGER\nPARAM b AS INTEGER\nRETURN a + b"
    (tmp_path / "shop.gbai/shop.gbdialog/add.bas").write_text(script, "utf-8")
    assert await result(packages, line, origin="shop") == answer


async def test_call_tells_what_does_not_fit(packages: Packages) -> None:
    assert "There is no script stok. Did you mean stock?" in await mistake(packages, 'CALL "stok"', origin="shop")
    assert "takes 0 values, not 1" in await mistake(packages, 'CALL "stock.bas", 1', origin="shop")
    assert "There is no script x" in await mistake(packages, 'CALL "x.bas"')
    assert "CALL of a service of the host" in await mistake(packages, 'x = CALL "/ai/x"', origin="shop")


async def test_an_optional_param_may_be_missing(packages: Packages) -> None:
    assert await result(packages, 'size = 1\nRETURN BOT "shoes" "find shoe"') == "size 2 "


async def test_a_missing_param_is_named_with_the_near_miss(packages: Packages) -> None:
    said = await mistake(packages, 'sise = 41\nRETURN BOT "shoes" "find shoe"')
    assert said.startswith("Line 2, column 8: The bot find-shoe needs PARAM size")
    assert said.endswith("Did you mean sise?")
    assert "Set it before this step: size = ..." in await mistake(packages, 'RETURN BOT "shoes" "find shoe"')


async def test_a_param_of_the_wrong_type_is_refused_at_the_step(packages: Packages) -> None:
    said = await mistake(packages, 'size = "large"\nRETURN BOT "shoes" "find shoe"')
    assert "The bot find-shoe cannot start. The input size must be INTEGER" in said


async def test_an_unknown_bot_is_answered_with_the_near_miss(packages: Packages) -> None:
    assert "There is no bot shos. Did you mean shoes?" in await mistake(packages, 'x = BOT "shos" "hi"')
    said = await mistake(packages, 'x = BOT "zzzzzz" "hi"')
    assert (
        "The bots found are content-moderation, customer-support, document-approval, expert-panel, order-processing, "
        "router, shoes, shop, starter, stock. BOTMCP_PACKAGES" in said
    )


async def test_a_dialog_with_a_mistake_says_where(packages: Packages) -> None:
    said = await mistake(packages, 'x = BOT "shoes" "broken"')
    assert "The bot shoes/broken cannot run: line 1, column" in said


async def test_a_failing_dialog_fails_the_step_with_its_mistake(packages: Packages, tmp_path: Path) -> None:
    (tmp_path / "shop.gbai/fails.bas").write_text('x = 1\nTHROW "no stock"', "utf-8")
    assert "no stock" in await mistake(packages, 'x = BOT "fails" "now"', origin="shop")


async def test_ids_follow_from_tenant_and_full_name(packages: Packages) -> None:
    bots = runner(packages, None).services.bots
    assert await bots.identified(TENANT, "shop", "Price") == (bot_id(TENANT, "shop/price"), "shop/price")
    assert await bots.identified(TENANT, "", "SHOP") == (bot_id(TENANT, "shop"), "shop")
    assert await bots.identified(TENANT, "", "shop/price") == (bot_id(TENANT, "shop/price"), "shop/price")
    with pytest.raises(UnknownName, match="Did you mean shop"):
        await bots.identified(TENANT, "", "shopp")


async def test_a_program_may_call_its_own_dialogs_and_every_package(packages: Packages) -> None:
    bots = runner(packages, None).services.bots
    shipped = {
        "content-moderation",
        "customer-support",
        "document-approval",
        "expert-panel",
        "order-processing",
        "router",
        "starter",
    }
    assert {name for name in bots.names("") if "/" not in name} == {*shipped, "shoes", "shop", "stock"}
    assert {"main", "price", "stock", "shoes"} <= set(bots.names("shop"))


@pytest.mark.parametrize("name", ["shop/price", "Shop/PRICE", "shop.gbai/price.bas", "shop"])
def test_a_bot_that_can_be_found_is_not_warned_of(packages: Packages, name: str) -> None:
    stage = runner(packages, None)
    assert not check(f'BOT "{name}" "hi"', stage.registry, stage.services.bots.names(""))
    (warning,) = check('BOT "shop/prise" "hi"', stage.registry, stage.services.bots.names(""))
    assert "Did you mean shop/price" in warning.fix


# -- model agents ------------------------------------------------------------------------------------------------------


async def test_without_a_model_the_error_names_dialogs_and_what_to_do(packages: Packages) -> None:
    said = await mistake(packages, 'x = BOT "shoes" "find a shoe"')
    assert 'The bot shoes has no dialog called "find a shoe", and no language model' in said
    assert "Did you mean find-shoe?" in said
    assert "BOTMCP_MODELS, or llm-model" in said


async def test_an_empty_message_to_an_agent_is_refused(packages: Packages, server: ModelServer) -> None:
    assert "The bot shoes needs a message" in await mistake(packages, 'x = BOT "shoes" " "', server=server)


async def test_an_agent_answers_with_its_persona_and_its_dialogs_as_tools(
    packages: Packages, server: ModelServer
) -> None:
    server.script.append(says("We have red ones."))
    assert await result(packages, 'RETURN BOT "shoes" "Red shoes?"', server) == "We have red ones."
    [body] = server.bodies
    assert body["messages"] == [
        {"role": "system", "content": "You sell shoes.\n\nBe brief."},
        {"role": "user", "content": "Red shoes?"},
    ]
    [tool] = body["tools"]
    assert tool["function"] == {
        "name": "find-shoe",
        "description": "Finds a shoe",
        "parameters": {
            "type": "object",
            "properties": {
                "size": {"type": "integer", "description": "European size", "examples": [42]},
                "colour": {"type": "string"},
            },
            "required": ["size"],
        },
    }


async def test_an_agents_turns_and_tools_are_calls_of_its_own(packages: Packages, server: ModelServer) -> None:
    server.script.extend((calls(("c1", "find-shoe", {"size": "41", "colour": "blue"})), says("Size 42, blue.")))
    run = runner(packages, None, server)
    end = await run.run(ProgramText('RETURN BOT "shoes" "Blue, 41?"', "test"), {})
    assert end.result == "Size 42, blue."
    assert [call for call in run.calls if "TURN" in call or "TOOL" in call] == [
        "shoes: MODEL TURN",
        "shoes: RUN TOOL",
        "shoes: MODEL TURN",
        "shoes: NOTE TURN",
    ]
    assert server.bodies[1]["messages"][-1] == {"role": "tool", "tool_call_id": "c1", "content": "size 42 blue"}
    keys = [headers["idempotency-key"] for headers in server.headers]
    assert keys[0] != keys[1]


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("find-shoe", {}, "Error: The input size is missing"),
        ("find-shoe", {"size": "big"}, "Error: The input size must be INTEGER"),
        ("find-sho", {"size": 1}, "Error: There is no tool find-sho. Did you mean find-shoe?"),
        ("flow", {}, "Error: There is no tool flow. There are: find-shoe."),
        ("find-shoe", "{not json", "Error: The input size is missing"),
    ],
)
async def test_a_model_is_told_what_was_wrong_with_its_tool_call(
    packages: Packages, server: ModelServer, tool: str, arguments: Any, words: str
) -> None:
    server.script.extend((calls(("c1", tool, arguments)), says("sorry")))
    assert await result(packages, 'RETURN BOT "shoes" "?"', server) == "sorry"
    assert server.bodies[1]["messages"][-1]["content"].startswith(words)


async def test_an_agent_that_never_answers_ends(packages: Packages, server: ModelServer) -> None:
    server.otherwise = calls(("c1", "find-shoe", {"size": 1}))
    said = await mistake(packages, 'x = BOT "shoes" "?"', server=server)
    assert "asked for tools in each of its 12 turns" in said
    assert len(server.bodies) == 12


async def test_a_package_may_bring_its_own_model(packages: Packages, server: ModelServer, tmp_path: Path) -> None:
    config = tmp_path / "shoes.gbai/shoes.gbot/config.csv"
    config.parent.mkdir()
    config.write_text(f"name,value\nllm-model,own\nllm-url,{server.url}\nllm-key,none\nsystem-prompt,unused\n", "utf-8")
    assert await result(packages, 'RETURN BOT "shoes" "Hi"') == "echo: Hi"
    assert server.bodies[0]["model"] == "own"


async def test_a_refused_key_fails_the_step(packages: Packages, server: ModelServer) -> None:
    server.script.append(fails(401))
    assert "refused the key" in await mistake(packages, 'x = BOT "shoes" "Hi"', server=server)
