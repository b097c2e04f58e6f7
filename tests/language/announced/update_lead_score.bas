lead_id = "lead_id"
UPDATE LEAD SCORE lead_id, 80
' expect announced: Line 2: UPDATE LEAD SCORE
