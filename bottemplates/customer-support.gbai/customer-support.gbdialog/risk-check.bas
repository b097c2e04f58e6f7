' Says how much a request may be trusted. It knows about earlier refunds from the refund bot, which shares its memory.

DESCRIPTION "Rates the risk of a refund as low, medium or high"
PARAM customer AS STRING LIKE "Ada" DESCRIPTION "Who asks"
PARAM problem AS STRING LIKE "I want my money back" DESCRIPTION "What the customer wrote"

' Take over what the refund bot has shared, then read it: it is this bot's own memory now.
BOT SYNC MEMORY FROM "refund"
refunds = VAL(GET BOT MEMORY "refunds of " + customer)

points = refunds * 2
IF LCASE(problem) CONTAINS "lawyer" THEN
  points = points + 1
END IF
IF LEN(problem) < 10 THEN
  points = points + 1
END IF

IF points >= 3 THEN
  risk = "high"
ELSE IF points >= 1 THEN
  risk = "medium"
ELSE
  risk = "low"
END IF

RETURN {"risk": risk, "points": points, "refunds": refunds}
