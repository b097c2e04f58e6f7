lead = {name: "Ana"}
AI SCORE LEAD lead
' expect announced: Line 2: AI SCORE LEAD
