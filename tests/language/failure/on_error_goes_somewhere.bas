x = 1 / 0
  ON ERROR: GOTO repair
TALK "never"
repair:
TALK error.line            ' expect: 1
