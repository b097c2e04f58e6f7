TALK UCASE("a") + UPPER("b") + UPPERCASE("c") + LCASE("D") + LOWER("E") + LOWERCASE("F")   ' expect: ABCdef
TALK "g".toUpperCase() + "H".toLowerCase()   ' expect: Gh
TALK CAPITALIZE("ana maria")                 ' expect: Ana maria
