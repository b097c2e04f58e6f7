x = LLM "p" WITH OPTIMIZE FOR "beauty"
' expect error: Line 1: OPTIMIZE FOR needs speed, cost, quality or balanced, not "beauty".
