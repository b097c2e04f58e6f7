many = APPEND BOT MEMORY "visitors", "Ada"
TALK many                                    ' expect: 1
' answer APPEND BOT MEMORY: 1
