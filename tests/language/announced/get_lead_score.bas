lead_id = "lead_id"
GET LEAD SCORE lead_id
' expect announced: Line 2: GET LEAD SCORE
