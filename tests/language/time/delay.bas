DELAY 3600                                   ' expect wait: DELAY 3600
TALK "later"                                 ' expect: later
