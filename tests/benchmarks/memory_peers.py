"""A store that our memory is measured beside, in a process of its own: memory_peers.py NAME DSN FOLDER

Reads a line of JSON, does it, answers a line of JSON. Run by the Python that has the store; it needs nothing of ours.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
import uuid
import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any

VALUE = "x" * 180


class LangGraph:
    """PostgresStore, a connection for each writer."""

    def __init__(self, dsn: str, folder: str) -> None:
        store: Any = import_module("langgraph.store.postgres")
        psycopg: Any = import_module("psycopg")
        rows: Any = import_module("psycopg.rows")
        given = {"autocommit": True, "prepare_threshold": 0, "row_factory": rows.dict_row}
        self._open: Callable[[], Any] = lambda: store.PostgresStore(psycopg.connect(dsn, **given))
        self._store = self._open()
        self._store.setup()
        self._raw: Any = psycopg.connect(dsn, autocommit=True, prepare_threshold=0)
        self._raw.execute("create table beside (key text primary key, value text)")

    def put(self) -> None:
        self._store.put(("bench",), f"key {uuid.uuid4().int % 500}", {"v": VALUE})

    def get(self) -> None:
        self._store.get(("bench",), f"key {uuid.uuid4().int % 500}")

    def upsert(self) -> None:
        given = (f"key {uuid.uuid4().int % 500}", VALUE)
        self._raw.execute(
            "insert into beside values (%s, %s) on conflict (key) do update set value = excluded.value", given
        )

    def select(self) -> None:
        self._raw.execute("select value from beside where key = %s", (f"key {uuid.uuid4().int % 500}",)).fetchone()

    def lost(self) -> dict[str, int]:
        self._store.put(("bench",), "count", {"v": 0})

        def add() -> None:
            store = self._open()
            for _ in range(40):
                item = store.get(("bench",), "count")
                store.put(("bench",), "count", {"v": item.value["v"] + 1})

        at_once(add)
        return {"langgraph": 320 - self._store.get(("bench",), "count").value["v"]}

    def calls(self) -> dict[str, Callable[[], None]]:
        return {
            "beside_upsert": self.upsert,  # the floor in this process and way of calling
            "langgraph_put": self.put,
            "beside_select": self.select,
            "langgraph_get": self.get,
        }


class Mem0:
    """Memory.add(infer=False) with its own local Qdrant and history, and vectors that cost nothing."""

    def __init__(self, dsn: str, folder: str) -> None:
        os.environ |= {"MEM0_TELEMETRY": "False", "MEM0_DIR": folder, "OPENAI_API_KEY": "none"}
        mem0: Any = import_module("mem0")
        store = {"path": f"{folder}/qdrant", "embedding_model_dims": 64, "on_disk": True}
        self._memory = mem0.Memory.from_config(
            {
                "vector_store": {"provider": "qdrant", "config": store},
                "history_db_path": f"{folder}/history.db",
                "llm": {"provider": "openai", "config": {"api_key": "none"}},
                "embedder": {"provider": "openai", "config": {"api_key": "none", "embedding_dims": 64}},
            }
        )
        self._memory.embedding_model = _Cheap()

    def add(self) -> None:
        self._memory.add(f"{VALUE} {uuid.uuid4()}", user_id="bench", infer=False)

    def lost(self) -> dict[str, int]:
        def add() -> None:
            for _ in range(40):
                self._memory.add(f"entry {uuid.uuid4()}", user_id="many", infer=False)

        at_once(add)
        found = self._memory.get_all(filters={"user_id": "many"}, top_k=1000)
        return {"mem0_of_320_entries": 320 - len(found["results"])}

    def calls(self) -> dict[str, Callable[[], None]]:
        return {"mem0_add": self.add}


class _Cheap:
    config = None

    def embed(self, text: Any, *_: Any, **__: Any) -> list[float]:
        return [float(ord(c) % 17) + 1 for c in (str(text) + " " * 64)[-64:]]

    def embed_batch(self, texts: Any, *_: Any, **__: Any) -> list[list[float]]:
        return [self.embed(text) for text in texts]


def at_once(work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main() -> None:
    name, dsn, folder = sys.argv[1:]
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    said, sys.stdout = sys.stdout, sys.stderr  # whatever the libraries print is not an answer

    def answer(told: dict[str, Any]) -> None:
        said.write(json.dumps(told) + "\n")
        said.flush()

    peer: Any = None
    for line in sys.stdin:
        given = json.loads(line)
        try:
            if given["do"] == "ready":
                peer = {"langgraph": LangGraph, "mem0": Mem0}[name](dsn, folder)
                answer({})
            elif given["do"] == "time":
                answer({what: [_took(call) for _ in range(given["count"])] for what, call in peer.calls().items()})
            else:
                answer(peer.lost())
        except Exception as error:  # noqa: BLE001 - a peer that does not work is missing, whatever the reason
            answer({"missing": f"{type(error).__name__}: {error}"[:300]})


def _took(call: Callable[[], None]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
