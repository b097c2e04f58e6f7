ADD SUGGESTION TEXT "yes" AS "Yes, please"
' expect announced: Line 1: ADD SUGGESTION TEXT
