TALK STR(1.50) + CSTR(TRUE) + TOSTRING([1])  ' expect: 1.5true[1]
