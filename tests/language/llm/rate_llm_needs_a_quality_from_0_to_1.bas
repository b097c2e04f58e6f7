RATE LLM "x", 1.5
' expect error: Line 1: RATE LLM needs a quality from 0 to 1, not 1.5.
