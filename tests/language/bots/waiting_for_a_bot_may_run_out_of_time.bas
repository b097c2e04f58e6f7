x = WAIT FOR BOT "archive" TIMEOUT 60        ' expect wait: WAIT FOR BOT 60
IF timed_out AND x IS NULL THEN TALK "later" ' expect: later
' answer WAIT FOR BOT: timeout
