x = WAIT FOR EVENT "order" WHERE total > LLM "how much?"
' expect error: Line 1: WHERE of an event only compares: nothing in it may act. Do that on a line before, and compare with the variable.
