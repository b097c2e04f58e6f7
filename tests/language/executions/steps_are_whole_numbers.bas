f = FORK EXECUTION "e-1" FROM STEP 1.5
' expect error: Line 1: STEP needs a whole number, not 1.5.
