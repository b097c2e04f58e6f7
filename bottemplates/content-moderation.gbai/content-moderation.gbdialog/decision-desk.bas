' Listens to the decisions and counts them. Every listener hears every event: start as many as you like.

ORCHESTRATE WORKFLOW "decision-desk"

DESCRIPTION "Counts the next decisions about posts"
PARAM number AS INTEGER DEFAULT 3 DESCRIPTION "How many decisions to wait for"
PARAM patience AS INTEGER DEFAULT 86400 DESCRIPTION "How many seconds to wait for each"

removed = []
kept = []
FOR i = 1 TO number
  heard = WAIT FOR EVENT "post.decided" TIMEOUT patience
  IF timed_out THEN EXIT FOR
  TALK "Post " + heard.post + " of " + heard.author + " is " + heard.decision + ": " + heard.why + "."
  IF heard.decision = "removed" THEN
    removed.PUSH(heard.post)
  ELSE
    kept.PUSH(heard.post)
  END IF
NEXT

outcome = LEN(removed) + " removed, " + LEN(kept) + " kept"
RETURN {"removed": removed, "kept": kept, "outcome": outcome}

END WORKFLOW
