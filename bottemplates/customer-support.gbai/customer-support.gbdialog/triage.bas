' Sorts a request by what it is about and how urgent it is.

DESCRIPTION "Sorts a customer's request by topic and urgency"
PARAM problem AS STRING LIKE "My lamp arrived broken" DESCRIPTION "What the customer wrote"

words = LCASE(problem)

IF words CONTAINS "refund" OR words CONTAINS "money back" THEN
  topic = "refund"
ELSE IF words CONTAINS "broken" OR words CONTAINS "return" THEN
  topic = "return"
ELSE
  topic = "question"
END IF

urgency = "normal"
FOR EACH alarm IN ["today", "immediately", "lawyer", "third time"]
  IF words CONTAINS alarm THEN
    urgency = "urgent"
  END IF
NEXT

RETURN {"topic": topic, "urgency": urgency}
