x = 1 // one
y = 2 # two
TALK x + y ' expect: 3
