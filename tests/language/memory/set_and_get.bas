SET BOT MEMORY "greeting", "Hello"
TALK GET BOT MEMORY "greeting"               ' expect: Hello
TALK "[" + GET_BOT_MEMORY("nothing") + "]"   ' expect: []
