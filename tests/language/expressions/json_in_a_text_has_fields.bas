answer = LLM "classify"
TALK answer.category + "/" + answer.score    ' expect: sales/0.9
' answer LLM: "```json\n{\"category\": \"sales\", \"score\": 0.9}\n```"
