TALK TODAY() + TIMEVALUE("14:30") - TODAY()                       ' expect: 14 hours 30 minutes
TALK DATEVALUE("2026-03-09") + TIMEVALUE("08:15:30")              ' expect: 2026-03-09 08:15:30
TALK TIMEVALUE("2026-03-09 10:00") = HOURS(10)                    ' expect: true
x = TIMEVALUE("25:00")
' expect error: Line 4: A time of the day lies between 00:00 and 23:59:59; the text "25:00" does not.
