PARALLEL FIRST ERROR
  BRANCH a: x = LLM "a"
  BRANCH b: y = LLM "b"
END PARALLEL
TALK x + y               ' expect: ab
' answer LLM "a": "a"
' answer LLM "b": "b"
