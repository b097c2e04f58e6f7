' Rates a ticket.

DESCRIPTION "Says how risky a ticket is"
PARAM amount AS INTEGER LIKE 40 DESCRIPTION "What it is about, in dollars"
PARAM urgency AS STRING LIKE "normal" DESCRIPTION "How urgent it is"

RETURN {"risk": IIF(urgency = "urgent" AND amount > 80, "high", "low")}
