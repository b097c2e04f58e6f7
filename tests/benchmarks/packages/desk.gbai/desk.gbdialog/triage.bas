' Says how urgent a ticket is.

DESCRIPTION "Says how urgent a ticket is"
PARAM customer AS STRING LIKE "customer of T-1" DESCRIPTION "Who wrote"
PARAM amount AS INTEGER LIKE 40 DESCRIPTION "What it is about, in dollars"

IF amount > 50 THEN
  RETURN {"urgency": "urgent", "queue": "first"}
END IF
RETURN {"urgency": "normal", "queue": "second"}
