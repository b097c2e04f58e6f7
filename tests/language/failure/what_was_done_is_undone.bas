city = "Rome"
STEP 1: BOT "flight" city
  COMPENSATE WITH BOT "no flight" city
STEP 2: BOT "hotel" "book" COMPENSATE WITH TALK "no hotel, because " + error.message    ' expect: no hotel, because full
city = "Oslo"
STEP 3: BOT "car" "book"
  COMPENSATE WITH BOT "no car" city
' answer BOT "flight": 1
' answer BOT "hotel": 2
' answer BOT "car": error full
' answer BOT "no flight": 3
' expect journal: BOT 1
' expect journal: BOT 2
' expect journal: BOT 3
' expect error: Line 6: full
