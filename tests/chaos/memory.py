"""Processes that share memory are killed, again and again: python tests/chaos/memory.py [--quick] [--seed N]

8 processes make 10,000 calls each: SET, INCREMENT, compare-and-set, SHARE and SYNC, each a commit of its own, by the
statements that the engine commits with. They are killed with SIGKILL and started again; Valkey, which carries the
hints, is killed and started again; Postgres is killed with all its processes and started again. What each process
began, and what came of it, is in its diary. Prints one JSON object.

kills           of processes, of Valkey, of Postgres
lost            acknowledged writes that are not there: increments, values that are missing in the log, versions that
                the log skips or holds twice. Must be 0
doubled         increments that were answered with the same sum. Must be 0
histories       of keys that were read, written and compared-and-set by all; bad: those that no order of calls explains.
                Must be 0
planted         the same with processes that answer reads from a cache nobody invalidates: bad must not be 0
undelivered     delivered copies that are not what their source holds, after one round of upkeep. Must be 0
unsynced        memories taken over that are not what their source holds, after a last SYNC. Must be 0
feed            whether the feed of another process was told the last version of what it watched. Must be true
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]

if __name__ == "__main__":  # a script's folder comes first where modules are looked for, and would hide `memory`
    sys.path[0] = str(ROOT)
    from tests.chaos.memory_kills import main

    main((__doc__ or "").partition("\n")[0])
elif __name__ == "memory":  # imported by another script of this folder, which means the package
    __path__ = [str(ROOT / "memory")]
