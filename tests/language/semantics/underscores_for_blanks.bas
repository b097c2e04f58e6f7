SET_BOT_MEMORY "k", "v"
TALK GET_BOT_MEMORY("k") + "!"               ' expect: v!
