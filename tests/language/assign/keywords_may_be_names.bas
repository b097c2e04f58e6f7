to = "you"
case = 2
message = "hi"
step = 1
TALK message + " " + to + " " + (case + step)   ' expect: hi you 3
