DELAY 5                                      ' expect wait: DELAY 5
DELAY 0
TALK "at once"                               ' expect: at once
