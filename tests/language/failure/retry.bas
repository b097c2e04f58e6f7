STEP 1: LLM "hello" RETRY 2 BACKOFF 5
TALK result    ' expect: at last
' answer LLM: error no answer
' answer LLM: error no answer again
' answer LLM: "at last"
