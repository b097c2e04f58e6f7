ADD SWITCHER "tables" AS "Show tables"
' expect announced: Line 1: ADD SWITCHER
