' answer COPY: "b.txt"
' answer MOVE: "c.txt"
TALK COPY "a.txt", "b.txt"                   ' expect: b.txt
TALK MOVE "b.txt" TO "c.txt"                 ' expect: c.txt
