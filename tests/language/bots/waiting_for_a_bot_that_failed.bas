ON ERROR RESUME NEXT
x = WAIT FOR BOT "archive" TIMEOUT 60
TALK error.message                           ' expect: archive failed. The shelf is full.
' answer WAIT FOR BOT: {"error": "The shelf is full."}
