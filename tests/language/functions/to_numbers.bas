TALK VAL("12 apples") + CDBL("1.5") + CINT("2.9") + CLNG("3")   ' expect: 18.5
