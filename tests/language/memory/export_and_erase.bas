all = EXPORT BOT MEMORY
TALK all.counts.memories                     ' expect: 2
gone = ERASE BOT MEMORY
TALK gone.memories                           ' expect: 2
mine = EXPORT USER MEMORY
TALK mine.counts.memories                    ' expect: 1
gone = ERASE USER MEMORY
TALK gone.memories                           ' expect: 1
' answer EXPORT BOT MEMORY: {"counts": {"memories": 2}}
' answer ERASE BOT MEMORY: {"memories": 2}
' answer EXPORT USER MEMORY: {"counts": {"memories": 1}}
' answer ERASE USER MEMORY: {"memories": 1}
