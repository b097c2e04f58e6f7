STEP 1: BOT "first" "x"
PARALLEL
  BRANCH a: BOT "a" result
  BRANCH b: BOT "b" result
END PARALLEL
TALK branch_a.result + branch_b.result       ' expect: AB
' answer BOT "first": 1
' answer BOT "a": "A"
' answer BOT "b": "B"
