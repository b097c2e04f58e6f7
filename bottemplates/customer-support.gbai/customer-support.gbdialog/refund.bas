' Pays money back, and remembers it. The count is shared with the bot that rates the risk of the next request.
'
' It pays, so it is a workflow: a language model may run the dialogs beside it as tools, never a workflow.

ORCHESTRATE WORKFLOW "refund"

DESCRIPTION "Pays money back to a customer"
PARAM customer AS STRING LIKE "Ada" DESCRIPTION "Who gets it"
PARAM amount AS NUMBER LIKE 29 DESCRIPTION "How much, in dollars"

key = "refunds of " + customer
count = VAL(GET BOT MEMORY key) + 1

SET BOT MEMORY key, count
BOT SHARE MEMORY key WITH "risk check"

IF count = 1 THEN
  RETURN "We refund " + amount + " dollars."
END IF
RETURN "We refund " + amount + " dollars; it is your refund number " + count + "."

END WORKFLOW
