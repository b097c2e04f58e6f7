a = RANDOM(1, 1000)
b = RANDOM(1, 1000)
g = GUID()
DELAY 1
c = RANDOM(1, 1000)
TALK (a <> b OR b <> c) + " " + LEN(g) + " " + (g <> GUID())    ' expect: true 36 true
' expect wait: DELAY 1
