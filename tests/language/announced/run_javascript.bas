RUN JAVASCRIPT "print(1)"
' expect announced: Line 1: RUN JAVASCRIPT
