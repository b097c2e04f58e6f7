RUN PYTHON "print(1)"
' expect announced: Line 1: RUN PYTHON
