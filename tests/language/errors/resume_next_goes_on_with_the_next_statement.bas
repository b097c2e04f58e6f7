ON ERROR RESUME NEXT
x = 1
x = 1 / 0 + 5
TALK x                                       ' expect: 1
TALK error.message                           ' expect: Division by zero.
y = LLM "broken"
TALK "after " + error.keyword + y            ' expect: after LLM
CLEAR ERROR
TALK "[" + error + "]"                       ' expect: []
ON ERROR GOTO 0
z = 1 / 0
' answer LLM: error The provider is down.
' expect error: Line 11: Division by zero.
