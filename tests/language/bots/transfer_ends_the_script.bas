' input: message = "I want to buy"
TRANSFER CONVERSATION TO "echo sales"
TALK "never"
' expect result: "I want to buy"
