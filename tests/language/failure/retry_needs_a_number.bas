x = LLM "hello" RETRY 1.5
' expect error: Line 1: RETRY needs a whole number from 0 to 1,000, not the number 1.5.
