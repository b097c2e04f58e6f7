"""Constants that can never do are told before the program runs, as warnings: the program may never come there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keywords.check import check
from keywords.diagnostics import Diagnostic
from keywords.host import Host
from keywords.library import registry
from keywords.registry import Effect, keyword, table

REGISTRY = registry()

DOUBTFUL = [
    ('BOT "a" "b" TIMEOUT "soon"', (1, 1), 'TIMEOUT of BOT needs a number, not "soon".', "the number of seconds"),
    ('ok = HUMAN APPROVAL FROM "ana@example.com"\n  TIMEOUT "1 hour"', (1, 6), "TIMEOUT of HUMAN APPROVAL", "3600"),
    ('HUMAN APPROVAL FROM "a", "b" REQUIRE "two" TIMEOUT 5', (1, 1), "REQUIRED of HUMAN APPROVAL", "a number"),
    ('DELAY "5 minutes"', (1, 1), 'DELAY needs a number, not "5 minutes".', "the number of seconds"),
    ("DELAY TRUE", (1, 1), "DELAY needs a number, not TRUE.", "the number of seconds"),
    ('x = LLM "p" WITH MAX_COST "cheap"', (1, 5), 'MAX COST of LLM needs a number, not "cheap".', "a number"),
    ('x = LLM "p" WITH OPTIMIZE FOR "fast"', (1, 5), "OPTIMIZE FOR needs speed, cost, quality or balanced", "fails"),
    ('SET MODEL ROUTING "random"', (1, 1), "SET MODEL ROUTING needs manual, auto", "fails"),
    ('SET SCHEDULE "0 9 * *"', (1, 1), '"0 9 * *" is no rule for a schedule.', "fails"),
    ('SET SCHEDULE "every fortnight"', (1, 1), '"every fortnight" is no rule for a schedule.', "fails"),
    ("SET SCHEDULE EVERY fortnight", (1, 1), '"every fortnight" is no rule for a schedule.', "fails"),
    ('SET SCHEDULE "0 9 * * *" ZONE "Berlin"', (1, 1), '"Berlin" is no time zone.', "fails"),
    ('BOT "a" "b"\n  RETRY "often"', (2, 3), 'RETRY needs a number, not "often".', "a number"),
    ('BOT "a" "b"\n  RETRY 3 BACKOFF "slow"', (2, 3), 'RETRY needs a number, not "slow".', "the number of seconds"),
    ('x = CALL TOOL "a"\n  CACHE "1 day"', (2, 3), 'CACHE needs a number, not "1 day".', "the number of seconds"),
    ("HEAR mail AS EMIAL", (1, 1), "There is no type EMIAL.", "Did you mean EMAIL?"),
    ("PARAM age AS INTEGR", (1, 1), "There is no type INTEGR: it is taken as text.", "Did you mean INTEGER?"),
    ("WAIT 3000", (1, 1), "WAIT counts seconds; 3000 were perhaps meant as milliseconds.", "WAIT 3"),
]

FINE = [
    'BOT "a" "b" TIMEOUT "60"',
    'seconds = 5\nBOT "a" "b" TIMEOUT seconds * 60',
    'x = LLM "p" WITH OPTIMIZE FOR "Speed" WITH MAX_COST NULL',
    'goal = "fast"\nx = LLM "p" WITH OPTIMIZE FOR goal',
    'SET SCHEDULE "0 9 * * 1-5" ZONE "Europe/Berlin"',
    'SET SCHEDULE "every monday at 9:30"',
    "SET SCHEDULE TODAY",
    "HEAR plan AS TARIFF",
    'HEAR word AS "yes", "no"',
    "PARAM plan AS TARIFF",
    "PARAM mail AS EMAIL",
]


@keyword("TIDE AT {port}", effect=Effect.READ, example='TIDE AT "Brest"', group="tides")
async def tide_at(host: Host, port: str) -> None:
    """Answer when the water is highest."""


def warnings(text: str) -> list[Diagnostic]:
    return [d for d in check(text, REGISTRY) if d.severity == "warning"]


@pytest.mark.parametrize(("text", "place", "message", "fix"), DOUBTFUL, ids=[row[0] for row in DOUBTFUL])
def test_a_constant_that_can_never_do_is_told(text: str, place: tuple[int, int], message: str, fix: str) -> None:
    (told,) = warnings(text)
    assert (told.line, told.column) == place
    assert told.message.startswith(message) and fix in told.fix


@pytest.mark.parametrize("text", FINE)
def test_what_is_a_number_or_not_known_yet_is_not_told(text: str) -> None:
    assert warnings(text) == []


def test_no_keyword_refuses_the_constants_of_its_own_example() -> None:
    for word in REGISTRY:
        told = [d for d in warnings(word.example) if "needs a number" in d.message or "no rule" in d.message]
        assert told == [], word.name


def test_a_check_is_of_a_parameter_that_the_keyword_has() -> None:
    for word in REGISTRY:
        assert word.checks.keys() <= word.parameters.keys(), word.name


def test_a_check_of_a_plugin_that_breaks_is_not_the_programs_fault() -> None:
    def broken(value: object) -> None:
        raise TypeError("a mistake of the plugin")

    words = table([*REGISTRY, replace(tide_at, plugin="tides", checks={"port": broken})])
    assert check('TIDE AT "Brest"', words) == ()
    with pytest.raises(TypeError):
        check('TIDE AT "Brest"', table([*REGISTRY, replace(tide_at, checks={"port": broken})]))
