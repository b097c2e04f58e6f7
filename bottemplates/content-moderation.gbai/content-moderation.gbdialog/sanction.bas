' Counts the removed posts of an author, and says what follows. The count is shared with the rules.
'
' It acts, so it is a workflow: the model of this package may run the dialogs beside it as tools, never a workflow.

ORCHESTRATE WORKFLOW "sanction"

DESCRIPTION "Notes that a post of an author was removed"
PARAM author AS STRING LIKE "rex" DESCRIPTION "Whose post it was"

key = "strikes of " + LCASE(author)
strikes = VAL(GET BOT MEMORY key) + 1
SET BOT MEMORY key, strikes
BOT SHARE MEMORY key WITH "rules"

IF strikes = 1 THEN
  measure = "a warning"
ELSE IF strikes = 2 THEN
  measure = "no posts for a week"
ELSE
  measure = "no posts any more"
END IF

RETURN {"strikes": strikes, "measure": measure}

END WORKFLOW
