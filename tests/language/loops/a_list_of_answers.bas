list = []
FOR EACH q IN ["a", "b"]
  PUSH list, LLM q
NEXT
TALK JSON(list)                              ' expect: ["A", "B"]
' answer LLM "a": "A"
' answer LLM "b": "B"
