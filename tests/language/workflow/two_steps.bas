ORCHESTRATE WORKFLOW "support"
STEP 1: BOT "classifier" "Classify: late parcel"
STEP 2: BOT "writer" "Answer a ${category} case: ${result.category}"
TALK result + " " + step1.category           ' expect: Sorry! delivery
RETURN step2
END WORKFLOW
' answer BOT "classifier": {"category": "delivery"}
' answer BOT "writer": "Sorry!"
' expect result: "Sorry!"
