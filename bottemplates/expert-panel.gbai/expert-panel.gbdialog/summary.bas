' Writes the minutes: with a language model where there is one, else by itself.

DESCRIPTION "Writes the minutes of a panel"
PARAM offer AS STRING LIKE "Monthly contract" DESCRIPTION "What was offered"
PARAM accepted AS BOOLEAN LIKE TRUE DESCRIPTION "What was decided"
PARAM by AS STRING LIKE "majority" DESCRIPTION "Who decided"
PARAM votes AS ARRAY LIKE [{"expert": "law", "vote": "yes", "why": "no objection"}] DESCRIPTION "What each expert said"

plain = IIF(accepted, "Accepted", "Declined") + " by " + IIF(by = "majority", "the majority", "the chair") + "."
FOR EACH vote IN votes
  plain = plain + " " + UCASE(LEFT(vote.expert, 1)) + MID(vote.expert, 2) + ": " + vote.why + "."
NEXT

TRY
  RETURN LLM "Write two sentences of minutes. Change no fact: " + plain WITH OPTIMIZE FOR "cost" WITH MAX_COST 0.01
CATCH
  RETURN plain
END TRY
