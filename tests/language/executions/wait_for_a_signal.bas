paid = WAIT FOR SIGNAL "paid" TIMEOUT 3600
TALK paid.amount                             ' expect: 5
TALK timed_out                               ' expect: false
' expect wait: WAIT FOR SIGNAL 3600
' expect effect: signal.awaited
' answer WAIT FOR SIGNAL: {"amount": 5}
