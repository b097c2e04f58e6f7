"""The cards in a real browser, in a host of our own: the messages are those of MCP Apps, the tools the real ones."""

from __future__ import annotations

import json
from typing import Any

from mcp import Client, MCPError
from playwright.async_api import Page, expect

from mcp_server.app import App
from mcp_server.mcp_face import cards
from mcp_server.server import build
from tests.mcp_server.browser import browser
from tests.mcp_server.conftest import APPROVAL, Person
from tests.mcp_server.test_sessions import told

HOST = """
<iframe id="card" sandbox="allow-scripts"></iframe>
<script>
const card = document.getElementById("card");
const send = (message) => card.contentWindow.postMessage({ jsonrpc: "2.0", ...message }, "*");
window.addEventListener("message", async (event) => {
  const { id, method, params } = event.data;
  if (method === "ui/initialize") send({ id, result: { hostContext: { theme: "dark" }, hostCapabilities: {} } });
  else if (method === "ui/notifications/initialized")
    send({ method: "ui/notifications/tool-result", params: window.first });
  else if (id !== undefined && method) {
    const answer = await window.ask(method, JSON.stringify(params));
    send({ id, ...JSON.parse(answer) });
  }
});
</script>
"""


async def shown(page: Page, client: Client, file: str, first: dict[str, Any]) -> Any:
    """The card in a frame, with the first reply of its tool; what it asks is answered by the real server."""

    async def ask(method: str, params: str) -> str:
        given = json.loads(params)
        try:
            if method == "tools/call":
                answer: Any = await client.call_tool(given["name"], given["arguments"])
            else:
                answer = await client.read_resource(given["uri"])
        except MCPError as error:
            return json.dumps({"error": {"code": -32603, "message": str(error)}})
        return json.dumps({"result": answer.model_dump(mode="json", by_alias=True, exclude_none=True)})

    await page.expose_function("ask", ask)
    await page.set_content(HOST)
    await page.evaluate("(first) => { window.first = first; }", {"structuredContent": first, "content": []})
    await page.evaluate("(text) => { document.getElementById('card').srcdoc = text; }", cards.page(file))
    return page.frame_locator("#card")


async def test_the_flowchart_follows_the_execution_to_its_end(app: App) -> None:
    source = """
ORCHESTRATE WORKFLOW "<b>drawn</b>"
STEP 1: TALK "begun"
IF 1 = 1 THEN
  x = WAIT FOR SIGNAL "go" TIMEOUT 600
END IF
RETURN x
END WORKFLOW
"""
    async with Client(build(app)) as client, browser() as page:
        begun = told(await client.call_tool("orchestrate", {"source": source, "wait_seconds": 1}))
        card = await shown(page, client, "execution.html", begun)
        await expect(card.get_by_role("heading")).to_have_text("<b>drawn</b>")
        await expect(card.locator(".badge")).to_have_text("waiting")
        await expect(card.locator(".node.done code")).to_have_text('STEP 1: TALK "begun"')
        await expect(card.locator(".node.here code")).to_contain_text("WAIT FOR SIGNAL")
        await expect(card.locator("html")).to_have_attribute("data-theme", "dark")
        signal = {"execution_id": begun["execution_id"], "action": "signal", "signal": "go", "data": 42}
        told(await client.call_tool("control_execution", signal))
        await expect(card.locator(".badge")).to_have_text("completed", timeout=20_000)
        await expect(card.get_by_text("Result: 42")).to_be_visible()
        await expect(card.locator(".node.here")).to_have_count(0)


async def test_a_person_decides_on_the_card_by_the_clients_form(app: App) -> None:
    asked: list[str] = []
    async with (
        Client(build(app), elicitation_callback=Person("approve", "on the card", asked)) as client,
        browser() as page,
    ):
        begun = told(await client.call_tool("orchestrate", {"source": APPROVAL, "inputs": {"amount": 7}}))
        card = await shown(page, client, "approvals.html", told(await client.call_tool("list_approvals", {})))
        await expect(card.get_by_text("Asked of lead@example.com")).to_be_visible()
        await card.get_by_label("Comment on").fill("quick")
        await card.get_by_role("button", name="Approve").click()
        await expect(card.get_by_role("status")).to_have_text("Done.", timeout=20_000)
        await expect(card.get_by_text("Nothing waits for a decision.")).to_be_visible()
        given = {"execution_id": begun["execution_id"], "wait_seconds": 20}
        assert told(await client.call_tool("get_execution", given))["result"] == {"paid": True}
    assert "proposes to approve: quick" in asked[0]


async def test_where_nobody_can_be_asked_the_card_says_where_people_decide(app: App) -> None:
    async with Client(build(app)) as client, browser() as page:
        told(await client.call_tool("orchestrate", {"source": APPROVAL, "inputs": {"amount": 7}}))
        card = await shown(page, client, "approvals.html", told(await client.call_tool("list_approvals", {})))
        await card.get_by_role("button", name="Reject").click()
        await expect(card.get_by_role("status")).to_contain_text("botmcp approve", timeout=20_000)
        await expect(card.get_by_role("button", name="Approve")).to_be_enabled()
    assert len(await app.operations.approvals(app.caller("test", ""))) == 1
