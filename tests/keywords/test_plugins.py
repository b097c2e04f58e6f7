"""Plugins: what is listed is loaded, what is not is not, and none may change the language under a workflow."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from keywords.compile import compile_program
from keywords.library import registry as library
from keywords.parse import parse_line
from keywords.plugins import CORE_LINES, PluginRefused, with_plugins
from tests.plugin import install

HEAD = """\
from keywords.registry import Effect, keyword
"""

TIDE = '''
@keyword("TIDE AT {port}", effect=Effect.READ, example='TIDE AT "Brest"', group="sea")
async def tide(host, port):
    """How high the sea will stand."""
    return f"high in {port}"
'''

Install = Callable[..., None]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs plugins into this process; each in a package of its own."""
    before = set(sys.modules)

    def put(name: str, source: str, package: str = "") -> None:
        folder = tmp_path / (package or name)
        install(folder, name, source, package or f"plugin_of_{name}")
        monkeypatch.syspath_prepend(folder)

    yield put
    for module in set(sys.modules) - before:
        del sys.modules[module]


def one(phrase: str, example: str, name: str = "act") -> str:
    """A plugin of one keyword."""
    return f"""{HEAD}
@keyword({phrase!r}, effect=Effect.READ, example={example!r}, group="test")
async def {name}(host, **given):
    '''Do it.'''
KEYWORDS = ({name},)
"""


def test_a_listed_plugin_gives_its_keywords(installed: Install) -> None:
    installed("weather", f"{HEAD}{TIDE}\nKEYWORDS = (tide,)\n")
    registry = with_plugins(library(), ["weather"])
    assert registry["TIDE AT"].plugin == "weather"
    assert compile_program('x = TIDE AT "Brest"\nTALK x\n', registry).program
    assert not compile_program('x = TIDE AT "Brest"\n', library()).program


def test_a_plugin_that_is_not_listed_is_not_even_imported(installed: Install) -> None:
    installed("spy", "raise SystemExit('imported')\n")
    installed("weather", f"{HEAD}{TIDE}\nKEYWORDS = (tide,)\n")
    assert "TIDE AT" in with_plugins(library(), ["weather"])
    assert "plugin_of_spy" not in sys.modules


def test_without_a_list_the_language_is_the_core(installed: Install) -> None:
    installed("weather", f"{HEAD}{TIDE}\nKEYWORDS = (tide,)\n")
    core = library()
    assert with_plugins(core, ()) is core


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (one("TALK {message}", 'TALK "x"'), "claims what is taken"),
        (one("RETURN RESULT", "RETURN RESULT"), "changes what this line means: RETURN result"),
        (one("FOR EACH ITEM IN {x}", "FOR EACH ITEM IN 1"), "changes what this line means: FOR EACH item IN list"),
        (one("PARALLEL {x}", "PARALLEL 1"), "claims PARALLEL, which belongs to the language"),
        (one("END_WORKFLOW {x}", "END_WORKFLOW 1"), "belongs to the language"),
        (one("GREET {name}", "GREAT name"), "does not fit its first form"),
        (one("GREET {name}", 'GREET "a", "b"'), "does not fit its first form"),
        ("raise RuntimeError('no key')\n", "cannot be loaded from plugin_of_bad:KEYWORDS: RuntimeError: no key"),
        ("x = 1\n", "AttributeError"),
        ("KEYWORDS = 5\n", "must offer a tuple of keywords"),
        ("KEYWORDS = ('TALK',)\n", "must offer a tuple of keywords"),
        ("KEYWORDS = ()\n", "must offer a tuple of keywords"),
    ],
)  # fmt: skip
def test_a_plugin_that_would_do_harm_is_refused_by_name(installed: Install, source: str, says: str) -> None:
    installed("bad", source)
    with pytest.raises(PluginRefused) as refused:
        with_plugins(library(), ["bad"])
    assert str(refused.value).startswith("The plugin bad ")
    assert says in str(refused.value)


def test_two_plugins_that_claim_one_phrase_are_told_apart(installed: Install) -> None:
    installed("first", one("GREET {name}", 'GREET "a"', "greet"))
    installed("second", one("GREET {name}", 'GREET "a"', "greet"))
    with pytest.raises(PluginRefused, match="The plugin second claims what is taken"):
        with_plugins(library(), ["first", "second"])


def test_a_longer_phrase_that_leaves_the_core_as_it_is_is_welcome(installed: Install) -> None:
    installed("letters", one("TALK SOFTLY {message}", 'TALK SOFTLY "x"', "softly"))
    registry = with_plugins(library(), ["letters"])
    assert compile_program('TALK "a"\nTALK SOFTLY "b"\n', registry).program


def test_one_name_of_two_packages_is_refused(installed: Install) -> None:
    installed("weather", one("GREET {name}", 'GREET "a"'), "acme_weather")
    installed("weather", one("GREET {name}", 'GREET "a"'), "other_weather")
    with pytest.raises(PluginRefused, match="offered more than once, by acme_weather and other_weather"):
        with_plugins(library(), ["weather"])


def test_a_name_nobody_offers_is_told_with_the_near_miss(installed: Install) -> None:
    installed("weather", f"{HEAD}{TIDE}\nKEYWORDS = (tide,)\n")
    with pytest.raises(PluginRefused, match=r"The plugin wether is not installed. Did you mean weather\?"):
        with_plugins(library(), ["wether"])


def test_a_module_cannot_be_named_directly(installed: Install) -> None:
    installed("weather", f"{HEAD}{TIDE}\nKEYWORDS = (tide,)\n")
    with pytest.raises(
        PluginRefused, match="takes the names under which installed packages offer plugins, not modules"
    ):
        with_plugins(library(), ["plugin_of_weather:KEYWORDS"])
    assert "plugin_of_weather" not in sys.modules


@pytest.mark.parametrize("line", CORE_LINES)
def test_the_lines_that_plugins_must_leave_alone_are_good(line: str) -> None:
    assert parse_line(line, library())[1] == ()


class Kept:
    """What was found to fit."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def fits(self, key: str) -> bool:
        return key in self.keys

    def add(self, key: str) -> None:
        self.keys.append(key)


def test_what_was_found_to_fit_is_known_until_anything_of_it_changes(installed: Install) -> None:
    installed("weather", f"{HEAD}{TIDE}\nKEYWORDS = (tide,)\n")
    kept = Kept()
    with_plugins(library(), ["weather"], found=kept)
    with_plugins(library(), ["weather"], found=kept)
    assert len(kept.keys) == 1
    installed("sea", f"{HEAD}{TIDE.replace('Brest', 'Faro')}\nKEYWORDS = (tide,)\n", "other")
    with_plugins(library(), ["sea"], found=kept)
    assert len(kept.keys) == 2, "another example is looked at anew"


def test_what_does_not_fit_is_refused_each_time(installed: Install) -> None:
    installed("greedy", one("RETURN RESULT", "RETURN RESULT"))
    kept = Kept()
    for _ in range(2):
        with pytest.raises(PluginRefused, match="changes what this line means"):
            with_plugins(library(), ["greedy"], found=kept)
    assert kept.keys == []
