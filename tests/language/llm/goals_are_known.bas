x = LLM "p" WITH OPTIMIZE FOR "beauty"
' expect warning: Line 1: OPTIMIZE FOR needs speed, cost, quality or balanced, not "beauty". This line fails where it is run.
' expect error: Line 1: OPTIMIZE FOR needs speed, cost, quality or balanced, not "beauty".
