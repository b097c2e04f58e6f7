TALK ABS(-2.5) + " " + SGN(-3) + SIGN(2) + " " + SQR(16) + SQRT(9)   ' expect: 2.5 -11 43
TALK ROUND(LOG(EXP(2)), 6) + " " + ROUND(SIN(0) + COS(0) + TAN(0), 6) + " " + ROUND(PI(), 4)   ' expect: 2 1 3.1416
