x = BOT SHARE MEMORY "k" WITH "sales"
TALK x                                       ' expect: shared
' answer BOT SHARE MEMORY: "shared"
