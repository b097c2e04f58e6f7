TALK ROUND(2.345, 2) + " " + INT(2.7) + " " + FIX(-2.7) + " " + FLOOR(-2.1) + " " + CEILING(2.1) + " " + CEIL(-2.9)   ' expect: 2.35 2 -2 -3 3 -2
