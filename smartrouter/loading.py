"""litellm, imported once in a process, however many threads ask for it at the same time.

It imports itself in a circle. Two threads that enter the circle at different places each wait for the other, and Python
then hands out modules that are only half there: so nobody else imports any part of it.
"""

from __future__ import annotations

import gc
import importlib
import logging
import threading
import warnings
from functools import cache
from typing import Any

_ONE_AT_A_TIME = threading.RLock()


def litellm() -> Any:
    """The library, ready to be called; the first one who asks waits for a second or two."""
    with _ONE_AT_A_TIME:
        return _loaded()


def encoding() -> Any:
    """The vocabulary that litellm counts tokens with."""
    with _ONE_AT_A_TIME:
        return _vocabulary()


@cache
def _vocabulary() -> Any:
    return importlib.import_module("litellm.litellm_core_utils.default_encoding").encoding


@cache
def _loaded() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its dependencies, at import
        found: Any = importlib.import_module("litellm")
        found.suppress_debug_info = True  # else it prints to stdout, which is the protocol under stdio
        found.telemetry = False
        question = [{"role": "user", "content": "Are you there?"}]
        asked = {"model": "openai/gpt-4o-mini", "messages": question, "mock_response": "Yes"}
        found.completion(**asked)  # imports the rest
        found.stream_chunk_builder(list(found.completion(**asked, stream=True)), messages=question)
        _vocabulary()
    # A call that is given up at once leaves a coroutine of litellm's that was never begun.
    warnings.filterwarnings("ignore", r"coroutine '\w*Completion\w*\.\w+' was never awaited", RuntimeWarning)
    for log in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logging.getLogger(log).setLevel(logging.CRITICAL)
    # What an import makes stays: 400,000 objects, whose search for garbage stops every execution for 0.2 s.
    gc.collect()
    gc.freeze()
    return found
