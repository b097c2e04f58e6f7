STEP 1: LLM "dear question" CACHE 3600
TALK result    ' expect: a
' answer LLM: "a"
' expect effect: step.cached
