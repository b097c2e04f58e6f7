TALK FORMAT(1234.567, "N2") + " " + FORMAT(5, "C") + " " + FORMAT(0.5, "P0") + " " + FORMAT(1.5, "F3")   ' expect: 1,234.57 $5.00 50% 1.500
