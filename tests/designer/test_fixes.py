"""One click mends the commonest mistakes: the fix is a gesture, and after it the mistake is gone."""

from __future__ import annotations

import pytest

from designer.document import Document
from designer.edits import edited
from designer.fixes import fixes
from designer.outline import outlined
from keywords.check import check
from tests.designer.studio import REGISTRY

MENDED = {
    "an IF that is never closed": (
        'IF 1 > 2 THEN\n  TALK "a"\nTALK "b"\n',
        'IF 1 > 2 THEN\n  TALK "a"\nEND IF\nTALK "b"\n',
    ),
    "a FOR that is never closed": ("FOR EACH x IN [1]\n  TALK x\n", "FOR EACH x IN [1]\n  TALK x\nNEXT\n"),
    "a misspelt keyword": ('PUBLISH EVNT "x"\n', 'PUBLISH EVENT "x"\n'),
    "an end that closes nothing": ('TALK "a"\nEND IF\n', 'TALK "a"\n'),
    "a loop closed by the word of another": ("WHILE 1 > 2\n  TALK 1\nNEXT\n", "WHILE 1 > 2\n  TALK 1\nWEND\n"),
    "a misspelt variable": ("total = 1\nTALK totl\n", "total = 1\nTALK total\n"),
    "a variable that nobody sets": ("TALK city\n", "PARAM city AS STRING\nTALK city\n"),
    "a misspelt bot": ('BOT "triag" "x"\n', 'BOT "triage" "x"\n'),
    "an approval without an end": (
        'HUMAN APPROVAL FROM "a@b.c"\n',
        'HUMAN APPROVAL FROM "a@b.c"\n  TIMEOUT 86400\n',
    ),
    "a step number that is there twice": ("STEP 1: TALK 1\nSTEP 1: TALK 2\n", "STEP 1: TALK 1\nSTEP 2: TALK 2\n"),
    "a text without its second quote": ('TALK "hello\n', 'TALK "hello"\n'),
    "two equals signs": ("x == 1\n", "x = 1\n"),
    "a step without a colon": ('STEP 1 BOT "triage" "x"\n', 'STEP 1: BOT "triage" "x"\n'),
    "another language's addition": ("x = 1\nx += 2\n", "x = 1\nx = x + 2\n"),
    "a declaration of another BASIC": ("DIM x\nx = 1\nTALK x\n", "x = NULL\nx = 1\nTALK x\n"),
    "a wait for a misspelt event": (
        'WAIT FOR EVENT "order.payd" TIMEOUT 1\n',
        'WAIT FOR EVENT "order.paid" TIMEOUT 1\n',
    ),
}


@pytest.mark.parametrize("mistake", MENDED)
def test_one_click_mends(mistake: str):
    broken, mended = MENDED[mistake]
    outline = outlined(Document.of(broken), REGISTRY)
    told = check(broken, REGISTRY, ["triage"], ["order.paid"])
    offered = [fix for diagnostic in told for fix in fixes(diagnostic, outline, REGISTRY)]
    assert offered, told
    assert edited(outline, offered[0].gesture, REGISTRY).document.text == mended
    assert len(check(mended, REGISTRY, ["triage"], ["order.paid"])) < len(told)
