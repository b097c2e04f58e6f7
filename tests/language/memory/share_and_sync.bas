SET BOT MEMORY "k", {a: [1]}
BOT SHARE MEMORY "k" WITH "sales"
changed = BOT SYNC MEMORY FROM "sales"
TALK GET BOT MEMORY "k"                      ' expect: {"a": [1]}
TALK JSON(changed.changed)                   ' expect: ["x"]
' answer BOT SYNC MEMORY: {"changed": ["x"]}
' expect effect: memory.shared
