RUN BASH "print(1)"
' expect announced: Line 1: RUN BASH
