TALK GET BOT MEMORY "price" FROM "sales"
' expect error: Line 1: No bot sales shares "price" with this one. It would write: BOT SHARE MEMORY with this bot.
