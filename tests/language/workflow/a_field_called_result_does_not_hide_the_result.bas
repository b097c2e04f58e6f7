STEP 1: BOT "b" "m"
TALK result.result + result.note + note      ' expect: 5nn
' answer BOT: {"result": 5, "note": "n", "step1": "no", "timed_out": 3}
