' input: message = "hello"
x = DELEGATE CONVERSATION TO "echo desk"
TALK x                                       ' expect: hello
