"""The memory of bots beside others, in one run: python tests/benchmarks/memory.py [--quick] [--peers PYTHON]

The same work on raw SQL, our store, LangGraph's PostgresStore, Mem0 (`add(infer=False)`) and the reference MCP memory
server from npm, turn by turn, so that a noisy machine is unfair to all alike. One embedded Postgres with its default,
full durability. `--peers` is the Python that has langgraph-checkpoint-postgres, mem0ai==2.2.1 and protobuf==6.33.6,
when that is not this one; `--server` the reference server's index.js, when npx may not fetch it. What is not there is
named in `missing`. Prints one JSON object.

set, get      one client: the store's call (version, history, limits and grants looked after) against upsert and select
              of a bare table; beside it the whole BASIC statement (an execution, start to end) and the MCP tool's call
writers       many at once: the store's call against 16 connections that upsert for themselves
lost          8 writers add 1 to a number 40 times each: what is missing at the end; of add-only stores, how many of as
              many entries are missing
ratios        medians of this run against each other, as the targets name them

Absolute figures are this machine's at this hour. Only the ratios may be quoted.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]

if (
    __name__ == "__main__"
):  # a script's folder comes first among those that modules are looked for in, and hides `memory`
    sys.path[0] = str(ROOT)
    from tests.benchmarks.memory_measured import main

    main((__doc__ or "").partition("\n")[0])
else:  # imported by another script of this folder, which means the package
    sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != HERE.resolve()]
    del sys.modules[__name__]
    sys.modules[__name__] = importlib.import_module("memory")
