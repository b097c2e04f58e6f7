TALK LEN("über") + " " + LEN([1, 2]) + " " + LENGTH({a: 1})   ' expect: 4 2 1
