ADD SUGGESTION "billing" AS "A question about my bill"
' expect announced: Line 1: ADD SUGGESTION
