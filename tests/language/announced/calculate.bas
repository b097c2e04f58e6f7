formula = "formula"
CALCULATE formula
' expect announced: Line 2: CALCULATE
