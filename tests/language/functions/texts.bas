TALK LEFT("hello", 2) + MID("hello", 2, 3) + RIGHT("hello", 1)    ' expect: heello
TALK INSTR("hello", "l") + INSTR(4, "hello", "l") + INSTR("x", "y")   ' expect: 7
TALK REPLACE("a-b-c", "-", "+") + UCASE("x") + LCASE("Y") + "[" + TRIM("  z ") + "]"   ' expect: a+b+cXy[z]
TALK JOIN(SPLIT("a b c", " "), "/") + LEN("über") + " ${"${x}".length}"  ' expect: a/b/c4 0
TALK VAL("12.5 kg") + VAL("none")            ' expect: 12.5
TALK "  Text ".trim().toUpperCase()          ' expect: TEXT
x = ""
