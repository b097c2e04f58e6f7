id = PUBLISH EVENT "reminder" AFTER 3600
TALK LEN(id)                                 ' expect: 36
PUBLISH EVENT "reminder" AT "2027-01-01 08:00"
PUBLISH EVENT "reminder" AT "2020-01-01 08:00"
' expect effect: event.delayed
' expect effect: event.delayed
' expect effect: event.published
