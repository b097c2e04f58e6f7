"""Every golden program runs as it says, straight and with its state stored at every stop; and to do so it needs each
of the keywords that it uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from keywords import evaluate
from keywords.compile import Compiled, compile_program
from keywords.edits import EDITS
from keywords.functions import FUNCTIONS, Function
from keywords.host import Value
from keywords.library import registry
from keywords.mistakes import ProgramError
from keywords.program import Program
from keywords.reference_page import PAGE
from keywords.registry import Effect, Keyword
from keywords.structure import WORDS
from keywords.world import World
from tests.language.golden import ROOT, Golden, programs
from tests.language.judged import faults, told
from tests.language.named import named, structures
from tests.language.straight import Endless, Runner, Straight, answers_of

PROGRAMS = programs()
NOTES = frozenset({"SET SCHEDULE", "WEBHOOK", "ON EMAIL", "ON CHANGE"})  # running a script by hand passes them by


@pytest.fixture(scope="module")
def runner() -> Runner:
    return Runner(registry())


def run(
    runner: Runner, golden: Golden, program: Program, *, stored: bool = False, fuel: int = 20_000, off: str = ""
) -> Straight:
    return runner.run(program, golden.inputs, answers_of(golden), stored=stored, fuel=fuel, off=off)


@pytest.mark.parametrize("golden", PROGRAMS, ids=lambda golden: golden.name)
def test_a_golden_program_does_what_it_says(golden: Golden, runner: Runner) -> None:
    compiled = compile_program(golden.source, runner.registry)
    assert [told(d) for d in compiled.diagnostics if d.severity == "warning"] == list(golden.warnings)
    if compiled.program is None:
        assert [told(d) for d in compiled.errors] == list(golden.errors)
        return
    try:
        straight = run(runner, golden, compiled.program)
    except ProgramError as error:  # an input that does not fit
        assert [str(error)] == list(golden.errors)
        return
    assert faults(golden, straight) == []
    endless = any("100,000 times" in error for error in golden.errors)
    for fuel in (20_000, 5_000 if endless else 1):
        other = run(runner, golden, compiled.program, stored=True, fuel=fuel)
        assert (other.talk, other.journal, other.waits) == (straight.talk, straight.journal, straight.waits)
        assert (other.result, other.mistake) == (straight.result, straight.mistake)


@pytest.mark.parametrize("golden", PROGRAMS, ids=lambda golden: golden.name)
def test_a_golden_program_fails_without_any_of_its_keywords(
    golden: Golden, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = compile_program(golden.source, runner.registry)
    if compiled.program is None:
        return
    try:
        straight = run(runner, golden, compiled.program)
    except ProgramError:
        return
    for keyword in needed(golden, runner, compiled, straight):
        program = compiled.program
        with monkeypatch.context() as patched:
            if keyword.function or keyword.name in EDITS:
                patched.setattr(evaluate, "FUNCTIONS", {**FUNCTIONS, **useless(keyword)})
                for change in {keyword.name} & EDITS.keys():
                    patched.setitem(EDITS, change, replace(EDITS[change], change=unchanged))
                program = Program.load(program.hash, program.to_json(), program.source, runner.registry)
            try:
                without = run(runner, golden, program, off=keyword.name)
            except (ProgramError, Endless):
                continue
        assert faults(golden, without), f"{keyword.name} makes no difference"


def needed(golden: Golden, runner: Runner, compiled: Compiled, straight: Straight) -> list[Keyword]:
    """The keywords that did something: those of the journal, and those that are evaluated without one."""
    assert compiled.program is not None
    ran = {row[5] for row in straight.journal} & {*compiled.program.keywords}
    words = [runner.registry[name] for name in named(golden.source, runner.registry)]
    silent = {word.name for word in words if word.function or word.effect is Effect.PURE}
    return [runner.registry[name] for name in sorted((ran | silent) - NOTES)]


def unchanged(root: Value, path: Sequence[Value], given: Sequence[Value]) -> tuple[Value, Value]:
    return root, None


def nothing(world: World, *values: Value) -> Value:
    return None


def useless(keyword: Keyword) -> dict[str, Function]:
    """The function that the keyword is another way to write, answering NULL."""
    name = keyword.function or keyword.name
    return {each: replace(FUNCTIONS[each], call=nothing) for each in {name} & FUNCTIONS.keys()}


def test_every_keyword_has_a_golden_program(runner: Runner) -> None:
    used = {word for golden in PROGRAMS for word in named(golden.source, runner.registry)}
    internal = {keyword.name for keyword in runner.registry if keyword.group == "internal"}
    assert sorted({keyword.name for keyword in runner.registry} - used - internal) == []


def test_every_keyword_has_an_entry_in_the_reference(runner: Runner) -> None:
    page = (ROOT.parent.parent / PAGE).read_text("utf-8")
    missing = [keyword.name for keyword in runner.registry if keyword.example.replace("|", "\\|") not in page]
    assert [name for name in missing if runner.registry[name].group != "internal"] == []


def test_every_structure_word_has_a_golden_program(runner: Runner) -> None:
    used = {word for golden in PROGRAMS for word in structures(golden.source, runner.registry)}
    assert sorted({word.name for word in WORDS} - used) == []


def test_every_function_has_a_golden_program() -> None:
    text = "\n".join(golden.source.upper() for golden in PROGRAMS)
    assert sorted(name for name in FUNCTIONS if not name.startswith("~") and name not in text) == []


def test_there_are_golden_programs() -> None:
    assert len(PROGRAMS) >= 300
