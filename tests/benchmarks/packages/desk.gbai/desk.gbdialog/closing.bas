' Takes over what the ledger shared, and closes the ticket with the advisor's words.

DESCRIPTION "Closes a ticket"
PARAM ticket AS STRING LIKE "T-1" DESCRIPTION "The ticket"
PARAM advice AS STRING LIKE "Refund it" DESCRIPTION "What the advisor said"

BOT SYNC MEMORY FROM "ledger"
findings = GET BOT MEMORY "findings of " + ticket
RETURN findings + ": " + advice
