tries = 1
x = LLM "hello" RETRY tries
TALK x    ' expect: b
' answer LLM: error a
' answer LLM: "b"
