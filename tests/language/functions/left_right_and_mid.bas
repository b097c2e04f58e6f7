TALK LEFT("hello", 9) + "|" + RIGHT("hello", 0) + "|" + MID("hello", 4) + "|" + SUBSTR("hello", 2, 2)   ' expect: hello||lo|el
