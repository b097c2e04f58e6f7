PARALLEL
  BRANCH a:
    ON ERROR RESUME NEXT
    x = BOT "a" "x"
    ok = error.message
END PARALLEL
TALK ok                                      ' expect: It broke.
' answer BOT: error It broke.
