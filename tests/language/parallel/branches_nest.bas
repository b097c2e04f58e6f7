PARALLEL
  BRANCH a:
    PARALLEL
      BRANCH c: x = LLM "c"
      BRANCH d: y = LLM "d"
    END PARALLEL
    z = x + y
  BRANCH b: w = 1
END PARALLEL
TALK z + w                                   ' expect: CD1
' answer LLM "c": "C"
' answer LLM "d": "D"
