answer = WAIT FOR BOT "archive"
' expect error: Line 1: WAIT FOR BOT waits for the answer to SEND TO BOT or BROADCAST, and this program has neither. Send something first, or ask with BOT or ASK BOT, which wait themselves.
