' Eight bots take care of a ticket: two hand it on, three work side by side, one keeps what was found, one is a model
' agent with a tool, one closes. What the benchmark expects of each run is its RETURN.

ORCHESTRATE WORKFLOW "handle"

DESCRIPTION "Takes a ticket from its first word to its end"
PARAM ticket AS STRING LIKE "T-1" DESCRIPTION "Its number"
PARAM amount AS INTEGER LIKE 40 DESCRIPTION "What it is about, in dollars"

STEP 1: BOT "intake" "Take the ticket"
STEP 2: BOT "triage" "How urgent is it?"

' The branch `parcel` waits for what the courier tells.
STEP 3: PARALLEL
  BRANCH stock: BOT "stock" "Is there another one?"
  BRANCH courier: BOT "courier" "Fetch the parcel"
  BRANCH parcel: WAIT FOR EVENT "parcel." + ticket TIMEOUT 300
END PARALLEL

left = branch_stock.result
carrier = branch_parcel.result.carrier

STEP 4: BOT "risk" "May we trust it?"
STEP 5: BOT "ledger" "Keep what we found"
STEP 6: BOT "advisor" "What shall we do with ticket ${ticket}?"
advice = step6
STEP 7: BOT "closing" "Close it"

TALK "Ticket ${ticket} is closed: ${step7}"
RETURN {"ticket": ticket, "urgency": urgency, "left": left, "carrier": carrier, "risk": risk, "closed": step7}

END WORKFLOW
