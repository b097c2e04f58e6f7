ORCHESTRATE WORKFLOW "fraud"
STEP 1: BOT "scorer" "score"
IF fraud_score > 0.8 THEN
  STEP 2: BOT "blocker" "block"
ELSE
  STEP 3: BOT "shipper" "ship"
END IF
RETURN {last: result, two: step2, three: step3}
' answer BOT "scorer": {"fraud_score": 0.9}
' answer BOT "blocker": "blocked"
' expect result: {"last": "blocked", "two": "blocked", "three": null}
