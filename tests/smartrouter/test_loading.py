"""litellm is imported once, whoever asks, and a try that failed is not the last one."""

from __future__ import annotations

import subprocess
import sys

import pytest

from smartrouter import loading
from smartrouter.provider import Provider

MANY = """
import threading
from smartrouter import loading

barrier, found, wrong = threading.Barrier(16), [], []

def ask(number):
    barrier.wait()
    try:
        if number % 2:
            found.append(loading.litellm().completion is not None)
        else:
            found.append(len(loading.encoding().encode("two words")) > 1)
    except BaseException as error:
        wrong.append(repr(error))

threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(len(found), wrong)
"""


def test_many_threads_of_a_fresh_process_import_it_at_once() -> None:
    done = subprocess.run([sys.executable, "-c", MANY], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "16 []\n", (done.stdout, done.stderr)


async def test_who_asks_after_an_import_that_failed_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[object] = [ImportError("partially initialized module"), "the library"]

    def load() -> object:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(loading, "litellm", load)
    provider = Provider({})
    with pytest.raises(ImportError):
        await provider.loaded()
    assert await provider.loaded() == "the library" == await provider.loaded()
