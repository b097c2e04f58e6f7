was = DELETE BOT MEMORY "k"
TALK was                                     ' expect: true
' answer DELETE BOT MEMORY: true
