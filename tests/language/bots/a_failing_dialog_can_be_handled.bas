ON ERROR RESUME NEXT
x = BOT "fails desk" "hello"
TALK error.message                           ' expect: fails desk failed. Line 1, column 1: It broke.
