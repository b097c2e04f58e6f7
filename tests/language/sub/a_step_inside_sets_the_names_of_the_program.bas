SUB ask
  STEP 1: BOT "b" "m"
  TALK kind + result.kind                    ' expect: xx
END SUB
CALL ask()
TALK result.kind + step1.kind + kind         ' expect: xxx
' answer BOT: {"kind": "x"}
