x = BOT "fails desk" "hello"
' expect error: Line 1: fails desk failed. Line 1, column 1: It broke.
