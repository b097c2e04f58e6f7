' Says how much an order may be trusted. It knows the customer from the bots that charge, pay back and refuse, which
' share their memory with it.

DESCRIPTION "Rates the risk of an order as low, medium or high"
PARAM customer AS EMAIL LIKE "ana@example.com" DESCRIPTION "Who orders"
PARAM country AS STRING LIKE "DE" DESCRIPTION "Where the parcels go"
PARAM account AS STRING LIKE "DE89370400440532013000" DESCRIPTION "The bank account that pays"
PARAM lines AS ARRAY LIKE [{"product": "mug", "quantity": 2}] DESCRIPTION "Which products, and how many of each"
PARAM total AS NUMBER LIKE 53 DESCRIPTION "How much it costs, in euros"

' Take over what the others have shared, then read it: it is this bot's own memory now.
BOT SYNC MEMORY FROM "charge"
BOT SYNC MEMORY FROM "pay back"
BOT SYNC MEMORY FROM "refusal"
paid = VAL(GET BOT MEMORY "paid by " + LCASE(customer))
returned = VAL(GET BOT MEMORY "paid back to " + LCASE(customer))
refusals = VAL(GET BOT MEMORY "refused to " + LCASE(customer))
good_orders = paid - returned

points = 0
reasons = []

IF good_orders = 0 AND total > 200 THEN
  points = points + 1
  reasons.PUSH("a first order that is not small")
END IF

home = UCASE(LEFT(TRIM(account), 2))
IF home <> UCASE(country) THEN
  points = points + 1
  reasons.PUSH("paid from ${home} and sent to ${UCASE(country)}")
END IF

FOR EACH wanted IN lines
  IF wanted.quantity > 20 THEN
    points = points + 1
    reasons.PUSH(wanted.quantity + " of one product")
  END IF
NEXT

IF refusals > 0 THEN
  points = points + 2 * refusals
  reasons.PUSH("refused before: " + refusals)
END IF

' Good orders earn trust, but never outweigh everything.
points = points - MIN(good_orders, 2)

IF points >= 2 THEN
  risk = "high"
ELSE IF points = 1 THEN
  risk = "medium"
ELSE
  risk = "low"
END IF

why = IIF(LEN(reasons) = 0, "nothing is unusual", JOIN(reasons, ", "))
RETURN {"risk": risk, "points": points, "why": why}
