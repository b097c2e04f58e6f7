id = SEND TO BOT "archive" MESSAGE "the report"
TALK "sent " + id                            ' expect: sent e-1
stored = WAIT FOR BOT "archive"
TALK stored                                  ' expect: shelf 7
' answer SEND TO BOT: "e-1"
' answer WAIT FOR BOT: {"answer": "shelf 7"}
