gone = BOT UNSHARE MEMORY "k" WITH "sales" PURGE
TALK gone.revoked                            ' expect: 1
gone = BOT UNSHARE MEMORY "order.*"
TALK gone.revoked                            ' expect: 2
gone = BOT UNSHARE MEMORY "k" FROM "sales", "support"
TALK gone.copies                             ' expect: 3
' answer BOT UNSHARE MEMORY: {"key": "k", "revoked": 1, "copies": 1, "purged": 0}
' answer BOT UNSHARE MEMORY: {"key": "order.*", "revoked": 2, "copies": 1, "purged": 0}
' answer BOT UNSHARE MEMORY: {"key": "k", "revoked": 2, "copies": 3, "purged": 0}
