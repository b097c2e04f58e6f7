r = SEND TEMPLATE "welcome", "email", "ana@example.com"   ' expect effect: message.left
TALK r[0].success                            ' expect: true
s = SEND TEMPLATE "+15550100", "hello", {name: "Ana"}     ' expect effect: message.left
TALK s[0].success                            ' expect: true
