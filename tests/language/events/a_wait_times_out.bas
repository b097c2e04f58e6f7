x = WAIT FOR EVENT "never" TIMEOUT 60
IF timed_out THEN TALK "late" + x            ' expect: late
DELAY 10
TALK timed_out                               ' expect: true
' expect wait: WAIT FOR EVENT 60
' expect wait: DELAY 10
