' answer DELETE FILE: true
IF DELETE FILE "old.txt" THEN TALK "gone"    ' expect: gone
