ON ERROR GOTO trouble
x = 1 / 0
TALK "never"
trouble:
TALK "handled: " + error.message             ' expect: handled: Division by zero.
