' Takes the money, and counts who has paid. The count is shared with the bot that rates the risk of the next order.

ORCHESTRATE WORKFLOW "charge"

DESCRIPTION "Takes the money for an order"
PARAM customer AS EMAIL LIKE "ana@example.com" DESCRIPTION "Who pays"
PARAM total AS NUMBER LIKE 53 DESCRIPTION "How much, in euros"

key = "paid by " + LCASE(customer)
SET BOT MEMORY key, VAL(GET BOT MEMORY key) + 1
BOT SHARE MEMORY key WITH "fraud check"

RETURN "We have debited " + total + " euros."

END WORKFLOW
