SET BOT MEMORY "k", "v"
TALK GET BOT MEMORY("k") + "w"               ' expect: vw
