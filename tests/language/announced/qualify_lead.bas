lead_id = "lead_id"
QUALIFY LEAD lead_id
' expect announced: Line 2: QUALIFY LEAD
