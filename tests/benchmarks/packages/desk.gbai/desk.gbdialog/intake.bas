' The first to read a ticket.

DESCRIPTION "Names the customer of a ticket"
PARAM ticket AS STRING LIKE "T-1" DESCRIPTION "The ticket"

RETURN {"customer": "customer of " + ticket, "channel": "mail"}
