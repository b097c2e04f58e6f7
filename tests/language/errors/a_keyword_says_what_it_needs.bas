BOT SHARE MEMORY "k"
' expect error: Line 1: BOT SHARE MEMORY needs WITH bot. Write BOT SHARE MEMORY key WITH bot, .. [SNAPSHOT] [UNTIL until] [WRITABLE] [RESHARE].
