TALK INSTR("abcabc", "c") + " " + INSTR(4, "abcabc", "c") + " " + INSTR("abc", "x")   ' expect: 3 6 0
TALK INDEXOF("abc", "c") + " " + INDEXOF(["a", "b"], "b") + " " + INDEXOF([], 1)      ' expect: 2 1 -1
TALK STARTSWITH("abc", "ab") + " " + ENDSWITH("abc", "x")     ' expect: true false
