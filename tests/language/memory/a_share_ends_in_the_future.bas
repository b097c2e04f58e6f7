BOT SHARE MEMORY "k" WITH "sales" UNTIL "2020-01-01"
' expect error: Line 1: UNTIL needs a time that is yet to come, not "2020-01-01".
