x = WAIT FOR SIGNAL "paid" TIMEOUT 5
IF timed_out THEN TALK "nobody paid"         ' expect: nobody paid
' answer WAIT FOR SIGNAL: timeout
