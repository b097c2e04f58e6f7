TALK PADLEFT("7", 3, "0") + LPAD("a", 2) + PADSTART("b", 2, "-")   ' expect: 007 a-b
TALK PADRIGHT("7", 3, "0") + RPAD("a", 2, ".") + PADEND("b", 2, "-")   ' expect: 700a.b-
TALK REPEAT("ab", 3) + CONCAT("x", 1, TRUE)  ' expect: abababx1true
