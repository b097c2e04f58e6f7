found = BOT SYNC MEMORY FROM "sales" KEEP
TALK JSON(found.conflicts)                   ' expect: ["k"]
BOT SYNC MEMORY FROM "sales" NEWEST
BOT SYNC MEMORY FROM "sales" FAIL
BOT SYNC MEMORY FROM "sales" KEEP FAIL
' answer BOT SYNC MEMORY: {"conflicts": ["k"]}
' expect effect: memory.synced
' expect effect: memory.synced
' expect error: Line 5: BOT SYNC MEMORY takes one of KEEP, NEWEST and FAIL, not several.
