TALK ADD BOT "billing" WITH TRIGGER "invoice, refund"   ' expect: billing
TALK ADD BOT "tax" TRIGGER ON "vat" TOOLS "rates"       ' expect: tax
SET BOT PRIORITY "tax", 10
FOR EACH each IN LIST BOTS
  TALK each.name + " " + each.priority
NEXT
TALK REMOVE BOT "billing"
' answer ADD BOT "billing": "billing"
' answer ADD BOT "tax": "tax"
' answer SET BOT PRIORITY: "tax"
' expect journal: SET BOT PRIORITY "tax"
' answer LIST BOTS: [{"name": "tax", "priority": 10}]
' expect: tax 10
' expect: true
' answer REMOVE BOT: true
