ORCHESTRATE WORKFLOW "open"
STEP 1: BOT "a" "x"
STEP 2: BOT "b" step1
RETURN result
' answer BOT "a": "one"
' answer BOT "b": "two"
' expect result: "two"
