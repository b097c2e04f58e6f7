to = "a"
from = "b"
case = "c"
list = "d"
find = "e"
TALK to + from + case + list + find          ' expect: abcde
