found = LLM "classify"
TALK found.category + " " + found.score      ' expect: sales 0.9
' answer LLM: "{\"category\": \"sales\", \"score\": 0.9}"
