BOT SHARE MEMORY "k" WITH "sales" SNAPSHOT WRITABLE
' expect error: Line 1: BOT SHARE MEMORY cannot be SNAPSHOT and WRITABLE: nobody writes to a copy. Choose one.
