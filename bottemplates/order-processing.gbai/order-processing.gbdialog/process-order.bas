' A shop takes an order: from the list of products to parcels on the way. Eight bots and one person take care of it.
'
' The bots are the other files of this folder: BOT "price list" runs price-list.bas, and so on. A bot gets its PARAMs
' from the variables of this workflow; what it returns is in `result`, and for STEP 1 in `step1` too.

ORCHESTRATE WORKFLOW "order-processing"

DESCRIPTION "Takes an order from the list of products to parcels on the way"
PARAM order_number AS INTEGER LIKE 5001 DESCRIPTION "The number of the order"
PARAM customer AS EMAIL LIKE "ana@example.com" DESCRIPTION "Who orders"
PARAM items AS ARRAY LIKE [{"product": "mug", "quantity": 2}] DESCRIPTION "Which products, and how many of each"
PARAM account AS STRING LIKE "DE89370400440532013000" DESCRIPTION "The bank account that pays, as an IBAN"
PARAM country AS STRING DEFAULT "DE" DESCRIPTION "Where the parcels go, as a code of two letters"
PARAM manager AS EMAIL DEFAULT "manager@example.com" DESCRIPTION "Who decides about large and risky orders"
PARAM patience AS INTEGER DEFAULT 86400 DESCRIPTION "How many seconds the manager and the packing may take"

' 1. What does it cost? What the bot returned is in `step1`; the next bots find `total` and `lines` by their names.
STEP 1: BOT "price list" "What does this cost?"
total = step1.total
lines = step1.lines
IF step1.problem <> "" THEN RETURN refused(step1.problem)
TALK "Order " + order_number + " of " + customer + ": " + total + " euros."

' 2. Three bots at the same time. The workflow goes on when all have answered.
STEP 2: PARALLEL
  BRANCH stock: BOT "stock check" "Is everything here?"
  BRANCH payment: BOT "payment check" "Can this account pay?"
  BRANCH fraud: BOT "fraud check" "May we trust this order?"
END PARALLEL

stock = branch_stock.result
payment = branch_payment.result
fraud = branch_fraud.result

IF stock.missing <> "" THEN RETURN refused("We do not have enough of: " + stock.missing + ".")
IF NOT payment.accepted THEN RETURN refused(payment.reason)

' 3. A person decides where much is at stake. No answer is a no: the customer must not wait for ever.
IF total > 500 OR fraud.risk = "high" THEN
  TALK "The manager looks at this order first."
  STEP 3: HUMAN APPROVAL FROM manager
    MESSAGE "Send goods for ${total} euros to ${customer}? The risk is ${fraud.risk} (${fraud.why})."
    TIMEOUT patience
    ON TIMEOUT: REJECT THE ORDER
  IF timed_out THEN RETURN refused("Nobody could look at your order in time. Please call us.")
  IF NOT step3.approved THEN
    STEP 4: BOT "refusal" "Remember that the manager said no"
    RETURN refused("We cannot take this order: " + step3.comment)
  END IF
END IF

' 5. Take the money, and tell everybody who listens. The packing station begins with it (see packing-station.bas).
STEP 5: BOT "charge" "Take the money"
PUBLISH EVENT "order.paid" WITH {"order": order_number, "customer": customer, "total": total, "lines": lines}
TALK result

' 6. Whoever packs the order says so with an event. If nobody does, the money goes back.
STEP 6: WAIT FOR EVENT "order.packed." + order_number TIMEOUT patience
IF timed_out THEN
  STEP 7: BOT "pay back" "Give the money back"
  RETURN refused("We could not pack your order in time. " + step7)
END IF

' 8. Whatever is packed is sent, parcel by parcel.
STEP 8: BOT "parcels" "Which parcels will it be?"
parcels = step8
FOR EACH parcel IN parcels
  PUBLISH EVENT "order.shipped" WITH {"order": order_number, "parcel": parcel.number, "kilos": parcel.kilos}
  TALK "Parcel " + parcel.number + " of " + LEN(parcels) + " is on its way: " + parcel.content + "."
NEXT

outcome = "Sent in " + LEN(parcels) + IIF(LEN(parcels) = 1, " parcel.", " parcels.")
RETURN {"order": order_number, "status": "shipped", "total": total, "risk": fraud.risk, "outcome": outcome}

' How every order ends that is not sent: the customer reads why, and everybody who listens hears of it.
FUNCTION refused(reason)
  TALK reason
  PUBLISH EVENT "order.refused" WITH {"order": order_number, "customer": customer, "reason": reason}
  RETURN {"order": order_number, "status": "refused", "outcome": reason}
END FUNCTION

END WORKFLOW
