' Somebody has posted something: may it stand? Rules decide what is clear, a language model looks at what is not, and
' nothing disappears that no person was asked about.
'
' The bots are the other files of this folder: BOT "rules" runs rules.bas, and so on. BOT "content-moderation" is the
' package itself: a model agent, whose instructions are in start.bas.

ORCHESTRATE WORKFLOW "content-moderation"

DESCRIPTION "Decides whether a post may stand"
PARAM post AS INTEGER LIKE 71 DESCRIPTION "The number of the post"
PARAM author AS STRING LIKE "rex" DESCRIPTION "Who wrote it"
PARAM text AS STRING LIKE "What a scam." DESCRIPTION "What it says"
PARAM moderator AS EMAIL DEFAULT "moderator@example.com" DESCRIPTION "Who is asked before a post is removed"
PARAM lead AS EMAIL DEFAULT "lead@example.com" DESCRIPTION "Who is asked when the moderator is silent"
PARAM patience AS INTEGER DEFAULT 3600 DESCRIPTION "How many seconds people may take"

' 1. Rules first: they cost nothing, and treat everybody alike.
STEP 1: BOT "rules" "May this stand?"
verdict = step1.verdict
why = step1.why

' 2. Only what is unclear to the rules goes to the model. It may still be unclear afterwards.
IF verdict = "unclear" THEN
  opinion = second_opinion()
  verdict = opinion.verdict
  why = why + "; " + opinion.why
END IF
TALK "Post " + post + " of " + author + ": " + verdict + " (" + why + ")."

' 3. A person removes posts. What breaks a rule disappears when nobody answers; what is unclear goes to the lead.
removed = FALSE
comment = ""
IF verdict = "remove" THEN
  STEP 3: HUMAN APPROVAL FROM moderator
    MESSAGE "Remove post ${post} of ${author} (${why})? It says: ${text}"
    TIMEOUT patience
    ON TIMEOUT: APPROVE WITH WARNING
  removed = step3.approved
  comment = step3.comment
ELSE IF verdict = "unclear" THEN
  STEP 3: HUMAN APPROVAL FROM moderator
    MESSAGE "Is post ${post} of ${author} to be removed (${why})? It says: ${text}"
    TIMEOUT patience
    ON TIMEOUT: ESCALATE TO lead
  removed = step3.approved
  comment = step3.comment
END IF

' 4. Whoever breaks the rules again is remembered, and the rules are stricter with the next post.
IF removed THEN
  STEP 4: BOT "sanction" "Note that a post was removed"
  decision = "removed"
  outcome = "The post is removed. " + author + ": " + step4.measure + "."
ELSE
  decision = "kept"
  outcome = "The post stands."
END IF
TALK outcome

' 5. Tell everybody who listens (see decision-desk.bas).
PUBLISH EVENT "post.decided" WITH {"post": post, "author": author, "decision": decision, "why": why}
RETURN {"post": post, "verdict": verdict, "decision": decision, "comment": comment, "outcome": outcome}

' What the model thinks: its answer begins with the word KEEP, REMOVE or UNCLEAR. Anything else, an error too, is for a person.
' JSON puts the post in quotes: whatever it says, the model can tell it from what we say.
FUNCTION second_opinion()
  ON ERROR GOTO nobody
  STEP 2: said = BOT "content-moderation" "The rules are not sure (${why}). The post: ${JSON(text)}"
  ON ERROR GOTO 0

  answer = UCASE(TRIM(REPLACE(said, "*", "")))
  FOR EACH word IN ["KEEP", "REMOVE", "UNCLEAR"]
    behind = MID(answer, LEN(word) + 1, 1)
    IF STARTSWITH(answer, word) AND UCASE(behind) = LCASE(behind) THEN
      RETURN {"verdict": LCASE(word), "why": "the model says: " + said}
    END IF
  NEXT
  RETURN {"verdict": "unclear", "why": "the model gave no verdict"}

  nobody:
  RETURN {"verdict": "unclear", "why": "no model answered"}
END FUNCTION

END WORKFLOW
