a = RANDOM(5, 7)
b = RND()
c = RANDOM(3)
TALK (a >= 5 AND a <= 7) + " " + (b >= 0 AND b < 1) + " " + (c >= 0 AND c <= 3)   ' expect: true true true
