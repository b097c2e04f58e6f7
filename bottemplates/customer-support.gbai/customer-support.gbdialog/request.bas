' A customer writes to a shop. Five bots and one person take care of it.
'
' The bots are the other files of this folder: BOT "triage" runs triage.bas, and so on. A bot gets its PARAMs from the
' variables of this workflow; what it returns is in `result`, and for STEP 1 in `step1` too.

ORCHESTRATE WORKFLOW "customer-support"

DESCRIPTION "Takes a customer's request from the first word to the answer"
PARAM customer AS STRING LIKE "Ada" DESCRIPTION "Who writes"
PARAM problem AS STRING LIKE "I want my money back" DESCRIPTION "What the customer wrote"
PARAM order_number AS INTEGER LIKE 1002 DESCRIPTION "The order it is about"
PARAM lead AS EMAIL DEFAULT "lead@example.com" DESCRIPTION "Who approves large refunds"
PARAM boss AS EMAIL DEFAULT "boss@example.com" DESCRIPTION "Who is asked when the lead does not answer"
PARAM patience AS INTEGER DEFAULT 3600 DESCRIPTION "How many seconds people and parcels may take"

' 1. What is it about? The bot returns an object: its fields, topic and urgency, are variables from here on.
STEP 1: BOT "triage" "Sort this request"
TALK customer + " writes about a " + topic + " (" + urgency + ")."

' 2. Two bots at the same time. The workflow goes on when both have answered.
STEP 2: PARALLEL
  BRANCH order: BOT "order check" "Find the order"
  BRANCH risk: BOT "risk check" "May we trust this request?"
END PARALLEL

order = branch_order.result
risk = branch_risk.result.risk
amount = order.price

IF NOT order.found THEN
  outcome = "We cannot find the order " + order_number + ". Please check the number."

ELSE IF topic = "question" THEN
  outcome = "Your " + order.item + " was sent " + order.days + " days ago."

ELSE
  ' 3. A return is paid when the parcel is here. The warehouse says so with an event (see warehouse.bas).
  IF topic = "return" THEN
    TALK "Waiting for the parcel with the " + order.item + "."
    STEP 3: WAIT FOR EVENT "parcel.received." + order_number TIMEOUT patience
    arrived = NOT timed_out
  ELSE
    arrived = TRUE
  END IF

  ' 4. A person decides where it is expensive or looks strange. The wait may last for days and costs nothing.
  IF NOT arrived THEN
    granted = FALSE
    reason = "your parcel has not arrived"
  ELSE IF amount > 100 OR risk = "high" THEN
    STEP 4: HUMAN APPROVAL FROM lead
      MESSAGE "Refund ${amount} dollars to ${customer} for the ${order.item}? The risk is ${risk}."
      TIMEOUT patience
      ON TIMEOUT: ESCALATE TO boss
    granted = step4.approved
    reason = step4.comment
  ELSE
    granted = TRUE
    reason = ""
  END IF

  ' 5. Pay, or explain.
  IF granted THEN
    STEP 5: BOT "refund" "Pay the money back"
    outcome = result
  ELSE
    outcome = "We cannot refund your " + order.item + " now: " + reason
  END IF
END IF

' 6. Answer the customer, and tell everybody who listens that the request is closed.
STEP 6: BOT "reply" "Write to the customer"
TALK step6

PUBLISH EVENT "support.closed" WITH {"customer": customer, "topic": topic, "outcome": outcome}
RETURN {"topic": topic, "urgency": urgency, "risk": risk, "outcome": outcome, "reply": step6}

END WORKFLOW
