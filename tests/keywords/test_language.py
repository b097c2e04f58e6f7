"""Every golden program runs as it says, straight and with its state stored at every stop."""

from __future__ import annotations

import pytest

from keywords.compile import compile_program
from keywords.diagnostics import Diagnostic
from keywords.encode import from_plain, plain
from keywords.host import Answer
from keywords.library import registry
from keywords.mistakes import Mistake, ProgramError
from keywords.outcome import Call
from keywords.registry import Registry
from tests.keywords.driver import Answers, Run, run
from tests.language.golden import Golden, programs

PROGRAMS = programs()


@pytest.fixture(scope="module")
def words() -> Registry:
    return registry()


def answering(golden: Golden) -> Answers:
    """Hands out the answers of a golden program, each once."""
    left = list(golden.answers)

    def answer(call: Call) -> Answer:
        first = next(iter(call.arguments.values()), None)
        for given in left:
            if given.fits(call.keyword.name, first):
                left.remove(given)
                if given.error is not None:
                    return Answer(mistake=Mistake("error", given.error))
                return Answer(from_plain(given.value), timed_out=given.timed_out)
        return Answer(timed_out=call.keyword.effect == "wait")

    return answer


def told(diagnostic: Diagnostic) -> str:
    return f"Line {diagnostic.line}: {diagnostic.message} {diagnostic.fix}".rstrip()


@pytest.mark.parametrize("golden", PROGRAMS, ids=lambda golden: golden.name)
def test_a_golden_program_does_what_it_says(golden: Golden, words: Registry) -> None:
    compiled = compile_program(golden.source, words)
    assert [told(d) for d in compiled.diagnostics if d.severity == "warning"] == list(golden.warnings)
    if compiled.program is None:
        assert [told(d) for d in compiled.errors] == list(golden.errors)
        return
    runs: list[Run] = []
    endless = any("100,000 times" in error for error in golden.errors)
    for stored, fuel in ((False, 20_000), (True, 20_000), (True, 5_000 if endless else 1)):
        try:
            runs.append(run(compiled.program, answering(golden), golden.inputs, stored=stored, fuel=fuel))
        except ProgramError as error:  # an input that does not fit
            assert [str(error)] == list(golden.errors)
            return
    straight = runs[0]
    assert straight.talk == list(golden.talk)
    error = straight.mistake and f"Line {straight.mistake.line}: {straight.mistake.message}"
    assert ([error] if error else []) == list(golden.errors)
    if golden.has_result:
        assert plain(straight.result) == golden.result
    for other in runs[1:]:
        assert (other.talk, other.journal) == (straight.talk, straight.journal)
        assert (other.result, other.mistake) == (straight.result, straight.mistake)


def test_there_are_golden_programs() -> None:
    assert len(PROGRAMS) >= 60
