STEP 1: BOT "b" "x"
  DELAY 5
TALK result                                  ' expect: done
' answer BOT: "done"
' expect wait: DELAY 5
