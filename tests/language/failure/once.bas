STEP 1: ONCE BOT "echo" "12 EUR"
  IF IN DOUBT FAIL
ONCE x = BOT "echo" "a" IF IN DOUBT SKIP
TALK step1 + x    ' expect: 12 EURa
