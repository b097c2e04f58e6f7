' Says what a wish costs. Yours may ask a price list, a web service (GET "https://...") or a model (LLM "...").

DESCRIPTION "Estimates what a wish costs"
PARAM wish AS STRING LIKE "A day off" DESCRIPTION "What is asked for"

IF LCASE(wish) CONTAINS "day off" THEN
  RETURN {"cost": 0}
END IF
RETURN {"cost": LEN(wish) * 10}
