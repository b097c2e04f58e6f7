' One member of the panel. Its rules are always asked; a language model, where there is one, may add a remark.

DESCRIPTION "Rates an offer as one kind of expert"
PARAM expert AS STRING LIKE "law" DESCRIPTION "Which expert: law, money, security"
PARAM offer AS STRING LIKE "Monthly contract" DESCRIPTION "What is offered"
PARAM criteria AS ARRAY LIKE [{"expert": "law", "phrase": "renewal", "points": -2, "why": "it renews itself"}] DESCRIPTION "What experts look for"

points = 0
reasons = []
FOR EACH row IN criteria
  IF row.expert = expert AND LCASE(offer) CONTAINS row.phrase THEN
    points = points + row.points
    reasons.PUSH(row.why)
  END IF
NEXT

vote = IIF(points > 0, "yes", IIF(points < 0, "no", "abstain"))
why = IIF(LEN(reasons) = 0, "nothing that concerns me", JOIN(reasons, "; "))
RETURN {"expert": expert, "vote": vote, "points": points, "why": why}
