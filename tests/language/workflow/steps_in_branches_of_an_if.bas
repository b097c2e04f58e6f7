kind = "b"
IF kind = "a" THEN
  STEP 2: BOT "a" "x"
ELSE
  STEP 2: BOT "b" "x"
END IF
TALK result + step2                          ' expect: bb
' answer BOT "b": "b"
