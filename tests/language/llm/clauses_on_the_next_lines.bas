answer = LLM "Summarise" + " this"
  WITH OPTIMIZE FOR "cost"
  WITH MAX_COST 0.05
TALK answer                                  ' expect: short
' answer LLM "Summarise this": "short"
