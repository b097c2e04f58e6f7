BOT SHARE MEMORY "order.*" WITH "sales", "support"
BOT SHARE MEMORY "order.*" WITH "sales" SNAPSHOT
BOT SHARE MEMORY "order.*" WITH "sales" UNTIL "7 days" WRITABLE RESHARE
BOT SHARE MEMORY "*" WITH "sales" UNTIL "2026-12-24"
TALK "shared"                                ' expect: shared
' expect effect: memory.shared
' expect effect: memory.shared
' expect effect: memory.shared
' expect effect: memory.shared
