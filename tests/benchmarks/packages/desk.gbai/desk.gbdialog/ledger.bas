' Remembers what was found about a ticket, and shares it with the bot that closes it.

DESCRIPTION "Remembers the findings about a ticket"
PARAM ticket AS STRING LIKE "T-1" DESCRIPTION "The ticket"
PARAM risk AS STRING LIKE "low" DESCRIPTION "How risky it is"
PARAM carrier AS STRING LIKE "van" DESCRIPTION "Who brought the parcel"

key = "findings of " + ticket
SET BOT MEMORY key, risk + " risk, by " + carrier
BOT SHARE MEMORY key WITH "closing"
RETURN key
