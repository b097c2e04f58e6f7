x = LLM "hello"
  RETRY 1
' answer LLM: error no answer
' answer LLM: error still none
' expect error: Line 1: still none
