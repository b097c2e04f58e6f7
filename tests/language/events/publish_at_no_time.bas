PUBLISH EVENT "reminder" AT "tomorrowish"
' expect error: Line 1: AT of PUBLISH EVENT needs a time such as "2026-12-31 08:00", not "tomorrowish".
