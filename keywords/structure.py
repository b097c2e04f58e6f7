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
    TRY, END TRY                                                          -
    CATCH                 CATCH [x]            (only inside TRY)          name str|None
    ON EVENT              ON EVENT e [WHERE c] [CONSUME] [DO]             event E, where E|None, consume bool
    ON FORM SUBMIT        ON FORM SUBMIT e [DO]                           event E
    ON INSERT, ON UPDATE, ON DELETE   ON INSERT OF e [DO]                 event E
    END ON                END ON                                          -
    PARALLEL              PARALLEL [JOIN ALL|ANY|FIRST ERROR|n [OF m]]    join "all"|"any"|"first error"|"count",
                          PARALLEL ANY|FIRST ERROR|n OF m                 count E|None, of E|None
    PARALLEL FOR EACH     PARALLEL FOR EACH x IN e [MAX n] [JOIN ..]      name str, in E, max E|None, all, any,
                                                                          first_error bool, count, of E|None
    BRANCH                BRANCH l: [S]                                   label str, body S|None
    END PARALLEL          END PARALLEL                                    -
    ORCHESTRATE WORKFLOW  ORCHESTRATE WORKFLOW e                          name E
    END WORKFLOW          END WORKFLOW  |  END ORCHESTRATE                -
    STEP                  STEP n: [S]                                     number int, body S|None
    ONCE:                 ONCE S                                          body S
    POLICIES              S RETRY n TIMEOUT e ..   (behind a statement)   body S, policies tuple[S, ...]
    policies, behind a statement or on the lines below it:
    RETRY                 RETRY n [BACKOFF e]                             times E, seconds E|None
    TIMEOUT               TIMEOUT e                                       seconds E
    CACHE                 CACHE e                                         seconds E
    IF IN DOUBT           IF IN DOUBT RETRY|SKIP|FAIL                     action "retry"|"skip"|"fail"
    ON ERROR:             ON ERROR: S                                     body S
    COMPENSATE:           COMPENSATE WITH S                               body S
    details of HUMAN APPROVAL, on the lines below it, besides TIMEOUT:
    REQUIRE               REQUIRE n                                       people E
    REMIND                REMIND EVERY e                                  seconds E
    ON TIMEOUT            ON TIMEOUT: ESCALATE TO e, ..                   action "escalate"|"approve"|"reject",
                            [REQUIRE n] [TIMEOUT e]                       "other", to tuple[E, ...], words str,
                          ON TIMEOUT: APPROVE|REJECT [words]              people E|None, seconds E|None
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
    _word("TRY", opens="try"),
    _word("CATCH", "CATCH [{name:name}]", arms=("try",)),
    _word("END TRY", closes=("try",)),
    _word("ON EVENT", "ON EVENT {event} [WHERE {where:condition}] [CONSUME {consume:flag}] [DO]", opens="on"),
    _word("ON FORM SUBMIT", "ON FORM SUBMIT {event} [DO]", opens="on"),
    *(_word(f"ON {act}", f"ON {act} OF {{event}} [DO]", opens="on") for act in ("INSERT", "UPDATE", "DELETE")),
    _word("END ON", closes=("on",)),
    _word(
        "PARALLEL",
        ("PARALLEL", {}),
        *((f"PARALLEL {join}{{count}} OF {{of}}", {"join": "count"}) for join in ("JOIN ", "")),
        ("PARALLEL JOIN {count}", {"join": "count"}),
        *(
            (f"PARALLEL {join}{how.upper()}", {"join": how})
            for how in ("all", "any", "first error")
            for join in ("JOIN ", "")
        ),
        opens="parallel",
    ),
    _word(
        "PARALLEL FOR EACH",
        *(
            f"PARALLEL {each} {{name:name}} IN {{in}} [MAX {{max}}] [JOIN ALL {{all:flag}}] [JOIN ANY {{any:flag}}]"
            " [JOIN FIRST ERROR {first_error:flag}] [JOIN {count}] [OF {of}]"
            for each in ("FOR EACH", "FOR")
        ),
        opens="parallel for",
    ),
    _word("END PARALLEL", closes=("parallel", "parallel for")),
    _word("ORCHESTRATE WORKFLOW", "ORCHESTRATE WORKFLOW {name}", opens="workflow"),
    _word("END WORKFLOW", "END WORKFLOW", "END ORCHESTRATE", closes=("workflow",)),
    _word("RETRY", "RETRY {times} [BACKOFF {seconds}]"),
    _word("TIMEOUT", "TIMEOUT {seconds}"),
    _word("CACHE", "CACHE {seconds}"),
    _word("IF IN DOUBT", *((f"IF IN DOUBT {act.upper()}", {"action": act}) for act in ("retry", "skip", "fail"))),
    _word("REQUIRE", "REQUIRE {people}"),
    _word("REMIND", "REMIND EVERY {seconds}"),
    _word(
        "ON TIMEOUT",
        *(
            (
                f"ON TIMEOUT{colon} ESCALATE TO {{to:many}} [REQUIRE {{people}}] [TIMEOUT {{seconds}}]",
                {"action": "escalate"},
            )
            for colon in (" :", "")
        ),
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

POLICIES = frozenset({"RETRY", "TIMEOUT", "CACHE", "IF IN DOUBT"})  # and COMPENSATE WITH, ON ERROR:
DETAILS = frozenset({"TIMEOUT", "ON TIMEOUT", "REQUIRE", "REMIND"})  # of HUMAN APPROVAL

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
    "try": "END TRY",
    "sub": "END SUB",
    "function": "END FUNCTION",
    "on": "END ON",
    "parallel": "END PARALLEL",
    "parallel for": "END PARALLEL",
    "schedule": "END SCHEDULE",
    "table": "END TABLE",
}
