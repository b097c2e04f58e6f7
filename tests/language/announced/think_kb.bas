THINK KB "late fees"
' expect announced: Line 1: THINK KB
