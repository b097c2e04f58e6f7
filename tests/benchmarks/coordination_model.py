"""The language model of `coordination.py`, a process of its own: python coordination_model.py SECONDS

Speaks OpenAI's protocol on loopback and prints its address. The advisor's first turn asks for a tool, its second gives
the x what the turns of each ticket took, from the question's arrival
to the answer: the bots' own time, and nothing else is.
"""

from __future__ import annotations

import asyncio
import re
import socket
import sys
import time
from collections import defaultdict
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.model_server import calls, says

TICKET = re.compile(r"T-\w+")


class Advisor:
    """Answers after a while, and keeps account of it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._served: defaultdict[str, float] = defaultdict(float)

    async def answer(self, request: Request) -> Response:
        begun = time.perf_counter()
        body: dict[str, Any] = await request.json()
        found = TICKET.search(str(body["messages"]))
        assert found, "every question names its ticket"
        ticket = found[0]
        await asyncio.sleep(self._seconds)
        if body["messages"][-1]["role"] == "tool":
            reply = says(f"Follow {body['messages'][-1]['content']}")
        else:
            reply = calls(("c1", "rule", {"ticket": ticket}))
        response = reply(body)
        self._served[ticket] += time.perf_counter() - begun
        return response

    async def served(self, request: Request) -> Response:
        return JSONResponse(self._served)


def main() -> None:
    """Serve until killed."""
    advisor = Advisor(float(sys.argv[1]))
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    routes = [Route("/v1/chat/completions", advisor.answer, methods=["POST"]), Route("/served", advisor.served)]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), log_level="critical", lifespan="off"))
    asyncio.run(server.serve([listener]))


if __name__ == "__main__":
    main()
