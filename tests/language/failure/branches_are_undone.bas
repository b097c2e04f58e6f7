PARALLEL
  BRANCH a: x = BOT "a" "do" COMPENSATE WITH TALK "undo " + x
  BRANCH b: y = BOT "b" "do" COMPENSATE WITH TALK "undo " + y
END PARALLEL
THROW "over"
' expect: undo 2
' expect: undo 1
' answer BOT: 1
' answer BOT: 2
' expect error: Line 5: over
