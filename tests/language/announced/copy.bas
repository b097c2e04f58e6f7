COPY "a.txt", "b.txt"
' expect announced: Line 1: COPY
