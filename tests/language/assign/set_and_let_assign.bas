LET a = 1
SET b = a + 1
let c = b + 1
TALK a + b + c              ' expect: 6
