paid = TRUE
sent = ""
TALK paid XOR sent               ' expect: true
TALK paid XOR NOT sent           ' expect: false
TALK 1 = 2 XOR 3 = 4             ' expect: false
xor = 2
TALK xor                         ' expect: 2
