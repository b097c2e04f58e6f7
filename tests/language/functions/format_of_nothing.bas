TALK "[" + FORMAT(NULL, "0") + "]" + FORMAT("abc", "0.00")   ' expect: []abc
