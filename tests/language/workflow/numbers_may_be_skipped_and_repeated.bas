IF TRUE THEN
  STEP 10: BOT "a" "x"
ELSE
  STEP 10: BOT "b" "x"
END IF
STEP 3: BOT "c" step10
RETURN step10 + step3
' answer BOT "a": "A"
' answer BOT "c": "C"
' expect result: "AC"
