"""The crash tests' judge notices what it is there for."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from tests.chaos import ledger
from tests.chaos.diary import Note
from tests.chaos.ledger import STEPS, Journal, Kill, Row

RUN = UUID(int=1)


def note(step: int, token: str = "first") -> Note:
    return Note(f"{RUN}:0:{2 * step - 1} 77 {token}")


def told(*notes: Note, attempt: int = 1) -> Journal:
    """A journal of one completed run that committed these notes."""
    rows = [Row(RUN, 0, 0, 0, "START", 1, None, failed=False)]
    for step, each in enumerate(notes, 1):
        rows.append(Row(RUN, 0, 2 * step - 1, step, "NOTE IN", attempt, each.line, failed=False))
        rows.append(Row(RUN, 0, 2 * step, step, "TALK", 1, f"step {step}: {each.line}", failed=False))
    return Journal({RUN: "completed"}, rows)


ALL = [note(step) for step in range(1, STEPS + 1)]


def test_a_run_without_incident_is_in_order() -> None:
    journal = told(*ALL)
    assert ledger.lost(ALL, journal) == 0 and ledger.untold(ALL, journal) == []
    assert not ledger.repeated(ALL) and not ledger.repeated_after_commit(ALL, journal)
    assert not ledger.forgotten(ALL, journal.calls)


def test_a_call_that_was_never_made_is_lost() -> None:
    assert ledger.lost(ALL[1:], told(*ALL)) == 1
    assert ledger.lost(ALL[:4], told(*ALL[:4])) == STEPS - 4


def test_a_repetition_before_the_commit_is_allowed() -> None:
    twice = [*ALL[:3], note(3, "second"), *ALL[3:]]
    journal = told(*ALL[:2], note(3, "second"), *ALL[3:])
    assert ledger.repeated(twice) == {note(3).call}
    assert not ledger.repeated_after_commit(twice, journal, [Kill(3, {note(1).call, note(2).call})])


def test_a_repetition_of_what_the_journal_holds_is_noticed() -> None:
    twice = [*ALL[:3], note(3, "second"), *ALL[3:]]
    assert ledger.repeated_after_commit(twice, told(*ALL)) == {note(3).call}


def test_a_repetition_of_what_was_committed_at_the_kill_is_noticed() -> None:
    twice = [*ALL[:3], note(3, "second"), *ALL[3:]]
    journal = told(*ALL[:2], note(3, "second"), *ALL[3:])
    kill = Kill(3, {each.call for each in ALL[:3]})
    assert ledger.repeated_after_commit(twice, journal, [kill]) == {note(3).call}


def test_a_commit_that_was_confirmed_and_is_gone_is_noticed() -> None:
    assert ledger.forgotten(ALL[:3], {note(1).call}) == {note(2).call}


def test_a_journal_with_a_gap_or_a_foreign_answer_does_not_tell() -> None:
    journal = told(*ALL)
    assert ledger.untold(ALL, replace(journal, rows=journal.rows[:-1]))
    assert ledger.untold(ALL, replace(journal, rows=[*journal.rows, journal.rows[-1]]))
    assert ledger.untold(ALL, told(*ALL[:-1], note(STEPS, "never written")))


def test_a_journal_that_keeps_a_repetition_to_itself_does_not_tell() -> None:
    twice = [*ALL[:3], note(3, "second"), *ALL[3:]]
    committed = (*ALL[:2], note(3, "second"), *ALL[3:])
    assert len(ledger.untold(twice, told(*committed))) == 1
    assert ledger.untold(twice, told(*committed, attempt=2)) == []
