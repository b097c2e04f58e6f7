lead = {name: "Ana"}
SCORE LEAD lead
' expect announced: Line 2: SCORE LEAD
