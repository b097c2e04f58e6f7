TALK BOT "echo desk" "hello"                 ' expect: hello
