"""What the words of the grammar are for, each with an example: the table of the grammar only knows their shape."""

from __future__ import annotations

from collections.abc import Mapping

TOLD: Mapping[str, tuple[str, str]] = {
    "IF": ("Do something only when a condition holds.", "IF total > 100 THEN\n  TALK total\nELSE\n  TALK 0\nEND IF"),
    "ELSE IF": ("A further condition of an IF.", "ELSE IF total > 10 THEN"),
    "FOR EACH": ("Repeat for each item of a list.", "FOR EACH order IN orders\n  TALK order.id\nNEXT"),
    "FOR": ("Repeat, counting a variable.", "FOR i = 1 TO 10 STEP 2\n  TALK i\nNEXT"),
    "WHILE": ("Repeat as long as a condition holds.", "WHILE n < 10\n  n = n + 1\nWEND"),
    "DO": ("Repeat while or until a condition holds.", "DO\n  n = n + 1\nLOOP UNTIL n = 10"),
    "SELECT": ("Choose one of several cases by a value.", 'SELECT CASE tier\n  CASE "gold"\n    x = 1\nEND SELECT'),
    "WITH": ("Set several fields of an object.", "WITH customer\n  name = n\nEND WITH"),
    "SUB": ("A procedure of the program, called by its name.", "SUB greet(name)\n  TALK name\nEND SUB"),
    "FUNCTION": ("A function of the program that answers a value.", "FUNCTION double(n)\n  RETURN n * 2\nEND FUNCTION"),
    "RETURN": ("End, and answer the result of a workflow, dialog or function.", "RETURN {paid: TRUE, amount: total}"),
    "EXIT": ("Leave a loop, a procedure or the program.", "EXIT FOR"),
    "CONTINUE": ("Go on with the next turn of a loop.", "CONTINUE"),
    "CONTINUE WORKFLOW": (
        "Jump to a STEP of the workflow, also from an event's handler.",
        "CONTINUE WORKFLOW AT STEP 3",
    ),
    "GOTO": ("Jump to a label.", "GOTO again"),
    "ON ERROR": ("What happens when a line fails: catch an error, or go on behind it.", "ON ERROR RESUME NEXT"),
    "THROW": ("Fail with an error message of one's own.", 'THROW "The order is empty"'),
    "TRY": (
        "Catch the errors of some lines and handle the failure.",
        'TRY\n  x = BOT "a" "b"\nCATCH error\n  TALK error\nEND TRY',
    ),
    "ON EVENT": (
        "Handle each event of a name while the workflow runs.",
        'ON EVENT "order.cancelled" WHERE id = order_id DO\n  CONTINUE WORKFLOW AT STEP 9\nEND ON',
    ),
    "PARALLEL": (
        "Run branches at the same time, and wait for all, for any, or for some of them.",
        'PARALLEL\n  BRANCH A: a = BOT "legal" "check"\n  BRANCH B: b = BOT "tax" "check"\nEND PARALLEL',
    ),
    "PARALLEL FOR EACH": (
        "Do the same for each item of a list at the same time; the result is the list of the RETURNs.",
        'PARALLEL FOR EACH order IN orders MAX 5\n  RETURN BOT "check" order.id\nEND PARALLEL',
    ),
    "ORCHESTRATE WORKFLOW": (
        "A durable workflow of several bots, with steps.",
        'ORCHESTRATE WORKFLOW "refund"\nSTEP 1: BOT "support" "check the order"\nEND WORKFLOW',
    ),
    "RETRY": ("Try a step again when it fails, with a growing pause.", 'BOT "a" "b" RETRY 3 BACKOFF 2'),
    "TIMEOUT": ("Give a step up after so many seconds.", 'x = BOT "a" "b" TIMEOUT 30'),
    "CACHE": ("Take the answer of the same call again for so many seconds.", "x = LLM question CACHE 3600"),
    "IF IN DOUBT": ("What to do with a call of which nobody knows whether it took place.", "IF IN DOUBT RETRY"),
    "REMIND": (
        "Remind the people whose approval is asked for.",
        'HUMAN APPROVAL FROM "lead" TIMEOUT 3600 REMIND EVERY 600',
    ),
    "ON TIMEOUT": (
        "What happens when an approval is not decided in time: escalate to somebody else, approve or reject.",
        'HUMAN APPROVAL FROM "lead" TIMEOUT 3600 ON TIMEOUT: ESCALATE TO "boss"',
    ),
    "SCHEDULE IN": (
        "Do some lines later, as an execution of their own.",
        'SCHEDULE IN 2 HOURS DO\n  TALK "Still there?"\nEND SCHEDULE',
    ),
    "PARAM": (
        "An input of the program, with its type, an example and a description.",
        'PARAM amount AS NUMBER LIKE 40 DESCRIPTION "What to pay back"',
    ),
    "DESCRIPTION": ("What the program is for; models and people read it.", 'DESCRIPTION "Refunds an order"'),
    "BEGIN TALK": ("Say several lines; ${x} is filled in.", "BEGIN TALK\nHello ${name}\nEND TALK"),
    "BEGIN SYSTEM PROMPT": (
        "The instructions of the package's model agent.",
        "BEGIN SYSTEM PROMPT\nBe brief.\nEND SYSTEM PROMPT",
    ),
    "BEGIN MAIL": (
        "Send a mail whose text stands on the lines below.",
        "BEGIN MAIL to\nSubject: Hello\n\nBye\nEND MAIL",
    ),
    "TABLE": ("Define a table of the package's database.", "TABLE orders\n  id INTEGER\nEND TABLE"),
}

# Words by which people look for what is called otherwise.
ALSO: Mapping[str, str] = {
    "PARALLEL": "concurrently simultaneously side by side several things at once at the same time",
    "PARALLEL FOR EACH": "concurrently map over every item at once",
    "SET SCHEDULE": "every monday daily weekly hourly cron recurring regularly run at a time",
    "HUMAN APPROVAL": "ask a person for permission confirmation sign-off human in the loop review",
    "HEAR": "ask the user a question input answer form",
    "TALK": "say print message reply output to the user",
    "PARAM": "input argument parameter of the workflow user",
    "GET": "http request fetch url api download",
    "POST": "http request api send json webhook",
    "LLM": "ask a language model cheap fast prompt chat completion ai",
    "BOT": "call an agent ask another bot subagent",
    "TRY": "catch an exception error handling",
    "SET BOT MEMORY": "remember save store state persist",
    "GET BOT MEMORY": "recall read load state what was remembered",
    "WAIT": "sleep pause",
    "DELAY": "sleep pause for hours days",
    "FIND": "query read rows of a table database select spreadsheet",
    "SAVE": "insert write a row into a table database",
    "CALL WORKFLOW": "subworkflow child workflow nested",
    "START WORKFLOW": "fire and forget background another workflow",
}
