STEP 1: x = LLM "a"
STEP 2: BOT "b" step1 + result
TALK x + step1 + step2                       ' expect: 6
' answer LLM: 1
' answer BOT "b": 4
