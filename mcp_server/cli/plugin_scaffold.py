"""The files that a new plugin begins with: one keyword that works, its declaration, a test and a page."""

from __future__ import annotations

from collections.abc import Mapping

_PROJECT = """\
[build-system]
requires = ["hatchling>=1.27,<2"]
build-backend = "hatchling.build"

[project]
name = "botmcp-{dashed}"
version = "0.1.0"
description = "BASIC keywords for botmcp: {words}"
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["botmcp"]

[project.entry-points."botmcp.keywords"]
{name} = "botmcp_{name}:KEYWORDS"

[tool.hatch.build.targets.wheel]
packages = ["botmcp_{name}"]
"""

_MODULE = '''\
"""Keywords for botmcp: {words}."""

from keywords.mistakes import WrongValue
from keywords.plugin_doors import PluginHost
from keywords.registry import Effect, keyword

# What these keywords may touch: nothing yet. `botmcp plugin review {name}` shows it, and the host refuses the rest.
# TOUCHES = {{"hosts": ["api.example.com"], "memory": "read", "secrets": ["{upper}_API_KEY"]}}
TOUCHES = {{}}


@keyword(
    "{phrase} {{subject}} [WITH {{note}}]",
    effect=Effect.READ,
    example='{phrase} "Ana" WITH "hello"',
    group="{name}",
)
async def {name}(host: PluginHost, subject: str, note: str = "") -> str:
    """Answer a sentence about the subject."""
    if not isinstance(subject, str) or not subject:
        raise WrongValue("{phrase} needs a text that is not empty.")
    # answer = await host.get("https://api.example.com/" + subject, {{"X-Key": await host.secret("{upper}_API_KEY")}})
    return f"{{subject}}: {{note}}" if note else subject


KEYWORDS = ({name},)
'''

_TEST = '''\
"""The plugin as botmcp loads it: reviewed, then used by a program. Run: pytest"""

import asyncio

import botmcp_{name} as plugin
from keywords.compile import compile_program
from keywords.library import registry
from keywords.plugins import review_named, with_plugins


def test_the_code_does_no_more_than_it_declares():
    assert not review_named("{name}").refused


def test_its_example_compiles_beside_the_language():
    words = with_plugins(registry(), ["{name}"])
    assert compile_program("x = " + plugin.{name}.example, words).program


def test_what_it_answers():
    assert asyncio.run(plugin.{name}.call(None, "Ana", "hello")) == "Ana: hello"
'''

_README = """\
# botmcp-{dashed}

Gives BASIC the keyword `{phrase}`:

```basic
x = {phrase} "Ana" WITH "hello"
TALK x
```

Use it:

```
pip install -e .
export BOTMCP_PLUGINS={name}
botmcp plugin review {name}
botmcp keywords {phrase_lower}
```

`botmcp_{name}/__init__.py` holds the keyword and, in `TOUCHES`, what it may touch. `pytest` runs its tests.
"""


def scaffold(name: str) -> Mapping[str, str]:
    """The text of each file of a plugin of this name, by its path."""
    words = name.replace("_", " ")
    given = {
        "name": name,
        "upper": name.upper(),
        "dashed": name.replace("_", "-"),
        "words": words,
        "phrase": _phrase(words),
        "phrase_lower": _phrase(words).lower(),
    }
    return {
        "pyproject.toml": _PROJECT.format(**given),
        f"botmcp_{name}/__init__.py": _MODULE.format(**given),
        f"tests/test_{name}.py": _TEST.format(**given),
        "README.md": _README.format(**given),
    }


def _phrase(words: str) -> str:
    """Two words or more: a phrase of one word takes that word from every program as a name."""
    return words.upper() if " " in words else f"{words.upper()} FOR"
