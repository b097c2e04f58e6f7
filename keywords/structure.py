"""The closed table of structure words: lines that belong to the grammar and the compiler, never to a plugin.

`parse_line` answers `Structure(word, parts)`. Every part named here is always present; what was not written is None
(a flag: False, a list: the empty tuple). E is an Expression, S a Statement.

    word                  written                                         parts
    IF                    IF c THEN [S] [ELSE S]  |  IF c {               condition E, then S|None, else S|None
                          a block follows only when `then` is None
    ELSE IF               ELSE IF c THEN [S]  |  ELSEIF c THEN [S]        condition E, then S|None
    ELSE                  ELSE                                            -
    END IF                END IF  |  ENDIF                                -
    FOR EACH              FOR [EACH] x IN e [LAST n] [DO]                 name str, in E, last E|None
    FOR                   FOR i = a TO b [STEP s] [DO]                    name str, from E, to E, step E|None
    NEXT                  NEXT [x]  |  END FOR                            name str|None
    WHILE                 WHILE c [DO]                                    condition E
    WEND                  WEND  |  END WHILE                              -
    DO                    DO [WHILE c | UNTIL c]                          while E|None, until E|None
    LOOP                  LOOP [WHILE c | UNTIL c]                        while E|None, until E|None
    SELECT                SELECT [CASE] e                                 subject E
    SWITCH                SWITCH e                                        subject E
    CASE                  CASE a, b                                       values tuple[E, ...]
    CASE ELSE             CASE ELSE  |  DEFAULT[:]                        -
    END SELECT            END SELECT  |  END SWITCH                       -
    WITH                  WITH target                                     target Name|Member|Index
    FIELD                 key = e  |  .key = e      (only inside WITH)    name str, value E
    END WITH              END WITH                                        -
    SUB                   SUB n[(a, b)]                                   name str, parameters tuple[str, ...]
    FUNCTION              FUNCTION n[(a, b)]                              name str, parameters tuple[str, ...]
    END SUB, END FUNCTION                                                 -
    RETURN                RETURN [e]  |  RETURN WITH k AS e, ..           value E|None (WITH makes an ObjectOf)
    EXIT                  EXIT [FOR|WHILE|DO|SUB|FUNCTION]  |  BREAK      what str ("" ends the program; BREAK: "LOOP")
    CONTINUE              CONTINUE [FOR|WHILE|DO]                         what str ("LOOP" when bare)
    CONTINUE WORKFLOW     CONTINUE WORKFLOW AT STEP n                     step E
    GOTO                  GOTO l                                          label str
    LABEL                 l:                                              label str
    ON ERROR              ON ERROR RESUME NEXT | GOTO l | GOTO 0          action "resume"|"goto"|"stop", label str|None
    CLEAR ERROR           CLEAR ERROR                                     -
    THROW                 THROW e                                         message E
    ON EVENT              ON EVENT e [DO]                                 event E
    ON FORM SUBMIT        ON FORM SUBMIT e [DO]                           event E
    ON INSERT, ON UPDATE, ON DELETE   ON INSERT OF e [DO]                 event E
    END ON                END ON                                          -
    PARALLEL              PARALLEL                                        -
    BRANCH                BRANCH l: [S]                                   label str, body S|None
    END PARALLEL          END PARALLEL                                    -
    ORCHESTRATE WORKFLOW  ORCHESTRATE WORKFLOW e                          name E
    END WORKFLOW          END WORKFLOW  |  END ORCHESTRATE                -
    STEP                  STEP n: [S]                                     number int, body S|None
    TIMEOUT               TIMEOUT e        (detail of HUMAN APPROVAL)     seconds E
    ON TIMEOUT            ON TIMEOUT: ESCALATE TO e, ..                   action "escalate"|"approve"|"reject",
                          ON TIMEOUT: APPROVE|REJECT [words]              "other", to tuple[E, ...], words str
                          ON TIMEOUT: words
    SCHEDULE IN           SCHEDULE IN e SECONDS|MINUTES|HOURS|DAYS DO     delay E, unit str
    END SCHEDULE          END SCHEDULE                                    -
    PARAM                 PARAM n AS type [LIKE e] [ENUM e]               name str, type str ("STRING"), like E|None,
                          [DESCRIPTION e] [DEFAULT e] [OPTIONAL]          enum E|None (a ListOf when written as
                          PARAM n AS "a", "b"                             options), description E|None, default E|None,
                                                                          optional bool
    DESCRIPTION           DESCRIPTION "text"  |  DESCRIPTION words        text str
    BEGIN TALK            BEGIN TALK             raw lines follow         -
    BEGIN SYSTEM PROMPT   BEGIN SYSTEM PROMPT    raw lines follow         -
    BEGIN MAIL            BEGIN MAIL e           raw lines follow         to E
    END TALK, END SYSTEM PROMPT, END MAIL                                 -
    TABLE                 TABLE words            raw lines follow         text str
    END TABLE             END TABLE                                       -
    NOTE                  a comment or a blank line                       text str

Written away: `LET x = e` and `SET x = e` are Assign; `CALL f(a)` and `CALL f` are `Do(Invoke(Name f, ...))`.
The words of a line are only structure where the line is written so: `case = 3`, `next.id = 4` and `to = x` assign.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from keywords.registry import Form, form, spelling


@dataclass(frozen=True, slots=True)
class Word:
    """One row: how a structure word is written and what its line does to the block tree."""

    name: str
    forms: tuple[Form, ...]
    opens: str = ""  # the kind of block that the line begins
    arms: tuple[str, ...] = ()  # the kinds of block in which it begins a further arm
    closes: tuple[str, ...] = ()  # the kinds of block that it ends
    fixed: tuple[Mapping[str, object], ...] = field(default=())  # parts that a form says by its words alone

    def constants(self, index: int) -> Mapping[str, object]:
        return self.fixed[index] if self.fixed else {}


def _word(
    name: str,
    *syntaxes: str | tuple[str, Mapping[str, object]],
    opens: str = "",
    arms: tuple[str, ...] = (),
    closes: tuple[str, ...] = (),
) -> Word:
    pairs = [(s, {}) if isinstance(s, str) else s for s in syntaxes or (name,)]
    return Word(name, tuple(form(s) for s, _ in pairs), opens, arms, closes, tuple(fixed for _, fixed in pairs))


def _exits(*whats: str) -> list[tuple[str, Mapping[str, object]]]:
    return [(f"EXIT {what}".strip(), {"what": what}) for what in whats]


WORDS: tuple[Word, ...] = (
    _word("IF", "IF {condition} THEN [{then:statement}] [ELSE {else:statement}]", opens="if"),
    _word(
        "ELSE IF",
        "ELSE IF {condition} THEN [{then:statement}]",
        "ELSEIF {condition} THEN [{then:statement}]",
        arms=("if",),
    ),
    _word("ELSE", arms=("if",)),
    _word("END IF", "END IF", "ENDIF", closes=("if",)),
    _word(
        "FOR EACH",
        *(f"{each} {{name:name}} IN {{in}} [LAST {{last}}] [DO]" for each in ("FOR EACH", "FOR")),
        opens="for",
    ),
    _word("FOR", "FOR {name:name} = {from} TO {to} [STEP {step}] [DO]", opens="for"),
    _word("NEXT", "NEXT [{name:name}]", "END FOR", closes=("for",)),
    _word("WHILE", "WHILE {condition} [DO]", opens="while"),
    _word("WEND", "WEND", "END WHILE", closes=("while",)),
    _word("DO", "DO", "DO WHILE {while}", "DO UNTIL {until}", opens="do"),
    _word("LOOP", "LOOP", "LOOP WHILE {while}", "LOOP UNTIL {until}", closes=("do",)),
    _word("SELECT", "SELECT CASE {subject}", "SELECT {subject}", opens="select"),
    _word("SWITCH", "SWITCH {subject}", opens="switch"),
    _word("CASE", "CASE {values:many}", arms=("select", "switch")),
    _word("CASE ELSE", "CASE ELSE", "DEFAULT", "DEFAULT :", arms=("select", "switch")),
    _word("END SELECT", "END SELECT", "END SWITCH", closes=("select", "switch")),
    _word("WITH", "WITH {target}", opens="with"),
    _word("END WITH", closes=("with",)),
    _word("SUB", "SUB {signature}", opens="sub"),
    _word("END SUB", closes=("sub",)),
    _word("FUNCTION", "FUNCTION {signature}", opens="function"),
    _word("END FUNCTION", closes=("function",)),
    _word("RETURN", "RETURN [{value}]", "RETURN WITH {pairs:pairs}"),
    _word("EXIT", *_exits("", "FOR", "WHILE", "DO", "SUB", "FUNCTION"), ("BREAK", {"what": "LOOP"})),
    _word(
        "CONTINUE", ("CONTINUE", {"what": "LOOP"}), *((f"CONTINUE {w}", {"what": w}) for w in ("FOR", "WHILE", "DO"))
    ),
    _word("CONTINUE WORKFLOW", "CONTINUE WORKFLOW AT STEP {step}"),
    _word("GOTO", "GOTO {label:name}"),
    _word(
        "ON ERROR",
        ("ON ERROR RESUME NEXT", {"action": "resume"}),
        ("ON ERROR GOTO 0", {"action": "stop"}),
        ("ON ERROR GOTO {label:name}", {"action": "goto"}),
    ),
    _word("CLEAR ERROR"),
    _word("THROW", "THROW {message}"),
    _word("ON EVENT", "ON EVENT {event} [DO]", opens="on"),
    _word("ON FORM SUBMIT", "ON FORM SUBMIT {event} [DO]", opens="on"),
    *(_word(f"ON {act}", f"ON {act} OF {{event}} [DO]", opens="on") for act in ("INSERT", "UPDATE", "DELETE")),
    _word("END ON", closes=("on",)),
    _word("PARALLEL", opens="parallel"),
    _word("END PARALLEL", closes=("parallel",)),
    _word("ORCHESTRATE WORKFLOW", "ORCHESTRATE WORKFLOW {name}", opens="workflow"),
    _word("END WORKFLOW", "END WORKFLOW", "END ORCHESTRATE", closes=("workflow",)),
    _word("TIMEOUT", "TIMEOUT {seconds}"),
    _word(
        "ON TIMEOUT",
        *((f"ON TIMEOUT{colon} ESCALATE TO {{to:many}}", {"action": "escalate"}) for colon in (" :", "")),
        *(
            (f"ON TIMEOUT{colon} {act} [{{words:text}}]", {"action": act.lower()})
            for act in ("APPROVE", "REJECT")
            for colon in (" :", "")
        ),
        *((f"ON TIMEOUT{colon} [{{words:text}}]", {"action": "other"}) for colon in (" :", "")),
    ),
    _word(
        "SCHEDULE IN",
        *((f"SCHEDULE IN {{delay}} {unit} DO", {"unit": unit}) for unit in ("SECONDS", "MINUTES", "HOURS", "DAYS")),
        opens="schedule",
    ),
    _word("END SCHEDULE", closes=("schedule",)),
    _word(
        "PARAM",
        "PARAM {name:name} AS {type:type} [LIKE {like}] [ENUM {enum}] [DESCRIPTION {description}] [DEFAULT {default}]"
        " [OPTIONAL {optional:flag}]",
    ),
    _word("DESCRIPTION", "DESCRIPTION {text:text}"),
    _word("BEGIN TALK", opens="text"),
    _word("BEGIN SYSTEM PROMPT", opens="text"),
    _word("BEGIN MAIL", "BEGIN MAIL {to}", opens="text"),
    *(_word(f"END {what}", closes=("text",)) for what in ("TALK", "SYSTEM PROMPT", "MAIL")),
    _word("TABLE", "TABLE {text:text}", opens="table"),
    _word("END TABLE", closes=("table",)),
)

BY_NAME: Mapping[str, Word] = {word.name: word for word in WORDS}

SHARED = frozenset({"SELECT"})  # a block where a statement begins, a keyword in an expression: `rows = SELECT ..`

PHRASES = frozenset(spelling(f.words) for word in WORDS for f in word.forms if f.words not in SHARED)

ENDS: Mapping[str, str] = {  # what an unclosed block asks for
    "if": "END IF",
    "for": "NEXT",
    "while": "WEND",
    "do": "LOOP",
    "select": "END SELECT",
    "switch": "END SWITCH",
    "with": "END WITH",
    "sub": "END SUB",
    "function": "END FUNCTION",
    "on": "END ON",
    "parallel": "END PARALLEL",
    "schedule": "END SCHEDULE",
    "table": "END TABLE",
}
