STEP 1: BOT "flight" "book" COMPENSATE WITH TALK "never"
TALK result    ' expect: booked
' answer BOT: "booked"
