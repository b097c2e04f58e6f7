TALK BOT MEMORY VERSION "k"                  ' expect: 0
SET BOT MEMORY "k", "v"
TALK BOT MEMORY VERSION "k"                  ' expect: 1
