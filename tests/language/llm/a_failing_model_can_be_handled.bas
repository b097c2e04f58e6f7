ON ERROR RESUME NEXT
x = LLM "p"
IF x IS NULL THEN TALK "no model: " + error.message   ' expect: no model: It is down.
' answer LLM: error It is down.
