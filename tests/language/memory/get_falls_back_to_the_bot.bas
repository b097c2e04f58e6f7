SET BOT MEMORY "lead_7", "hot"
TALK GET "lead_" + 7                         ' expect: hot
