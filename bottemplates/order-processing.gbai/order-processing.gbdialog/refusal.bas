' Remembers whose order a person has refused, for the bot that rates the risk of the next one.

ORCHESTRATE WORKFLOW "refusal"

DESCRIPTION "Remembers that an order was refused"
PARAM customer AS EMAIL LIKE "ana@example.com" DESCRIPTION "Whose order it was"

key = "refused to " + LCASE(customer)
SET BOT MEMORY key, VAL(GET BOT MEMORY key) + 1
BOT SHARE MEMORY key WITH "fraud check"

END WORKFLOW
