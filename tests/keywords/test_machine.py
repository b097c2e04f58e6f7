"""The machine: what it answers at each stop, and that a state stored anywhere goes on as if nothing had happened."""

from __future__ import annotations

from typing import Any

import pytest

from keywords.compile import compile_program
from keywords.encode import from_plain, plain, state_from_json, state_to_json
from keywords.host import Again, Answer, Host, Joined, Moment, Recorded, Value, Wait
from keywords.library import registry
from keywords.machine import MAX_STATE, advance, child_seed, parked, start_state
from keywords.mistakes import Mistake, ProgramError, Refused
from keywords.outcome import Call, Done, Failed, Yield
from keywords.program import MissingKeyword, Program, UnknownFormat
from keywords.registry import Effect, Keyword, Registry, keyword, table
from keywords.state import State
from tests.keywords.driver import IDENTITY, NOW, run


@keyword("FAIL {words}", effect=Effect.RECORD, example='FAIL "x"', group="test")
def fail(moment: Moment, words: Value) -> Recorded:
    """Fails before anything is recorded."""
    raise Refused(str(words))


def patient(moment: Moment, arguments: Any, answer: Answer) -> Value | Again:
    if answer.timed_out and arguments["times"] > 1:
        return Again({"times": arguments["times"] - 1})
    return [arguments["times"], moment.n]


@keyword("PATIENCE {times} [TIMEOUT {timeout}]", effect=Effect.WAIT, example="PATIENCE 3", group="test", resume=patient)
async def patience(host: Host, times: int, timeout: float | None = None) -> Wait:
    """Waits again and again."""
    return Wait()


@keyword("DOUBLED {value:tight}", effect=Effect.PURE, example="DOUBLED 4", group="test")
def doubled(moment: Moment, value: Value) -> Value:
    """Twice the value."""
    return value * 2


@pytest.fixture(scope="module")
def words() -> Registry:
    found = registry()
    found.register(fail, patience, doubled)
    return found


def compiled(source: str, words: Registry) -> Program:
    found = compile_program(source, words)
    assert found.program is not None, found.errors
    return found.program


def started(source: str, words: Registry, **inputs: Any) -> tuple[Program, State]:
    program = compiled(source, words)
    return program, start_state(program, IDENTITY, {k: from_plain(v) for k, v in inputs.items()}, 42)


def test_a_new_state_stands_before_its_first_step(words: Registry) -> None:
    program, state = started('PARAM x AS INTEGER\nTALK "a"', words, x="5", more=[1])
    assert parked(program, state, NOW) is None and state.n == 0
    assert {k: plain(v) for k, v in state.frames[0].variables.items() if k != "~inputs"} == {"x": 5, "more": [1]}


def test_records_gather_until_the_next_outside_verb_and_carry_its_number(words: Registry) -> None:
    program, state = started('TALK "one"\nPUBLISH EVENT "e" WITH {a: 1}\nx = LLM "q"\nTALK x', words)
    call = advance(program, state, None, NOW)
    assert isinstance(call, Call) and call.keyword.name == "LLM" and call.arguments == {"prompt": "q"}
    assert [(e.n, e.keyword, e.line) for e in call.gathered.entries] == [(1, "TALK", 1), (2, "PUBLISH EVENT", 2)]
    assert call.gathered.entries[0].answer == "one"
    assert [w.moment.n for w in call.gathered.effects] == [2]
    assert call.moment.n == 3 and call.moment.call_id == f"{IDENTITY.execution}:0:3"
    done = advance(program, call.state, Answer("a", attempt=2), NOW)
    assert isinstance(done, Done)
    first, second = done.gathered.entries
    assert (first.n, first.keyword, first.answer, first.attempt) == (3, "LLM", "a", 2)
    assert (second.n, second.keyword, second.answer) == (4, "TALK", "a")


def test_a_parked_state_rebuilds_the_same_call_after_it_was_stored(words: Registry) -> None:
    program, state = started('x = 5\ny = LLM "a" + x WITH MODEL RANDOM(1, 9)', words)
    call = advance(program, state, None, NOW)
    assert isinstance(call, Call)
    stored = state_from_json(state_to_json(call.state), IDENTITY)
    again = parked(Program.load(program.hash, program.to_json(), program.source, words), stored, NOW)
    assert again is not None and again.arguments == call.arguments and again.moment == call.moment
    assert (again.line, again.column, again.step) == (call.line, call.column, call.step)


def test_arguments_given_to_a_keyword_are_copies(words: Registry) -> None:
    program, state = started("a = [1]\nx = LLM a\nRETURN a", words)
    call = advance(program, state, None, NOW)
    assert isinstance(call, Call)
    call.arguments["prompt"].append(2)
    done = advance(program, call.state, Answer(1), NOW)
    assert isinstance(done, Done) and done.result == [1]


def test_the_answer_of_an_unparked_state_is_refused(words: Registry) -> None:
    program, state = started('x = LLM "a"', words)
    with pytest.raises(ValueError, match="parked"):
        advance(program, state, Answer(1), NOW)
    call = advance(program, state, None, NOW)
    with pytest.raises(ValueError, match="parked"):
        advance(program, call.state, None, NOW)


def test_fuel_runs_out_between_two_steps_and_nothing_is_lost(words: Registry) -> None:
    program, state = started("FOR i = 1 TO 50\nTALK i\nNEXT\nRETURN i", words)
    said, stops = list[Any](), 0
    outcome = advance(program, state, None, NOW, fuel=7)
    while isinstance(outcome, Yield):
        said += [entry.answer for entry in outcome.gathered.entries]
        stored = state_from_json(state_to_json(outcome.state), IDENTITY)
        outcome, stops = advance(program, stored, None, NOW, fuel=7), stops + 1
    assert isinstance(outcome, Done) and outcome.result == 51 and stops > 10
    assert [*said, *(e.answer for e in outcome.gathered.entries)] == [str(i) for i in range(1, 51)]


def test_a_failed_call_stays_parked_so_that_it_can_be_tried_again(words: Registry) -> None:
    program, state = started('TALK "a"\nx = LLM "q"\nRETURN x', words)
    call = advance(program, state, None, NOW)
    failed = advance(program, call.state, Answer(mistake=Mistake("error", "Down.")), NOW)
    assert isinstance(failed, Failed)
    assert failed.mistake == Mistake("error", "Down.", 2, 5, "LLM")
    assert failed.gathered.entries[0].mistake == failed.mistake
    again = parked(program, state_from_json(state_to_json(failed.state), IDENTITY), NOW)
    assert again is not None and again.arguments == {"prompt": "q"}
    done = advance(program, again.state, Answer("up"), NOW)
    assert isinstance(done, Done) and done.result == "up"


def test_a_record_that_refuses_is_journalled_with_its_mistake(words: Registry) -> None:
    done = run(compiled('TALK "a"\nFAIL "no"', words))
    assert done.mistake == Mistake("refused", "no", 2, 1, "FAIL")
    assert done.journal[-1][3:] == ("FAIL", None, "Line 2, column 1: no")


def test_resume_may_wait_again_as_a_new_call(words: Registry) -> None:
    def answers(call: Call) -> Answer:
        return Answer(timed_out=True)

    done = run(compiled("x = PATIENCE 3 TIMEOUT 5\nRETURN [x, timed_out]", words), answers, stored=True)
    assert plain(done.result) == [[1, 3], True]
    assert [entry[0] for entry in done.journal] == [1, 2, 3]
    assert [call.moment.n for call in done.calls] == [1, 2, 3]


def test_a_child_that_failed_fails_the_call_and_names_it(words: Registry) -> None:
    mistake = Mistake("refused", "No stock.", 3, 4, "BOT")
    done = run(compiled('STEP 1: BOT "b" "m"', words), lambda call: Answer(joined=(Joined("stock", None, mistake),)))
    assert done.mistake is not None and done.mistake.line == 1 and done.mistake.kind == "refused"
    assert done.mistake.message == "stock failed. Line 3, column 4: No stock."


def test_timed_out_belongs_to_waits_with_a_timeout(words: Registry) -> None:
    source = 'x = WAIT FOR EVENT "e" TIMEOUT 1\nDELAY 5\ny = BOT "b" "m"\nRETURN timed_out'
    child = Answer(joined=(Joined("b"),))
    done = run(compiled(source, words), lambda call: child if call.keyword.name == "BOT" else Answer(timed_out=True))
    assert done.result is True


def test_branches_start_with_copies_and_without_temporaries(words: Registry) -> None:
    source = "FOR EACH x IN [1, 2]\nPARALLEL\nBRANCH a: y = x\nBRANCH b: RETURN x\nEND PARALLEL\nNEXT\nRETURN y"
    program, state = started(source, words, given=7)
    call = advance(program, state, None, NOW)
    assert isinstance(call, Call) and call.spawn is not None and call.keyword.name == "PARALLEL"
    assert [(c.name, c.entry, c.program) for c in call.spawn.children] == [
        ("a", "branch:0", None),
        ("b", "branch:1", None),
    ]
    assert sorted(call.spawn.children[0].inputs) == ["given", "x", "~inputs"]
    done = run(program, inputs={"given": 7}, stored=True)
    assert done.result == 2


def test_children_draw_their_own_luck() -> None:
    assert len({child_seed(42, n, i) for n in range(20) for i in range(20)}) == 400


def test_a_keyword_without_effect_stays_inside_the_expression(words: Registry) -> None:
    done = run(compiled("RETURN DOUBLED 4 + 1", words))
    assert done.result == 9 and not done.journal


def test_variables_that_grow_without_end_are_stopped(words: Registry) -> None:
    source = 'big = REPEAT("x", 1000000)\nFOR i = 1 TO 100\nstore[i] = [big]\nall = [store]\nDELAY 1\nNEXT'
    done = run(compiled(source, words))
    assert done.mistake is not None and done.mistake.kind == "limit"
    assert done.state is not None and len(state_to_json(done.state)) < 2 * MAX_STATE


def test_a_stored_program_waits_for_a_keyword_that_is_gone(words: Registry) -> None:
    program = compiled('FAIL "x"', words)
    with pytest.raises(MissingKeyword, match="FAIL") as error:
        Program.load(program.hash, program.to_json(), program.source, registry())
    assert error.value.names == ("FAIL",)
    with pytest.raises(UnknownFormat, match="format 9"):
        Program.load(program.hash, {**program.to_json(), "format": 9}, program.source, words)


def test_a_wrong_input_fails_before_anything_starts(words: Registry) -> None:
    with pytest.raises(ProgramError, match="The input x must be INTEGER"):
        started("PARAM x AS INTEGER", words, x="many")


def test_only_the_keywords_a_program_uses_are_needed(words: Registry) -> None:
    program = compiled('TALK "a"', words)
    talk: Keyword = words["TALK"]
    assert Program.load(program.hash, program.to_json(), program.source, table([talk])).keywords == ("TALK",)
