answer = LLM "classify"
TALK answer.category
' answer LLM: "I would say sales."
' expect error: Line 2: The text "I would say sales." has no field category. Ask the model for JSON only.
