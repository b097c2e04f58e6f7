SET BOT MEMORY "lead_7", "hot"
id = 7
TALK GET BOT MEMORY "lead_" + id             ' expect: hot
