PARALLEL FOR EACH x IN [1, 0]
  IF x = 0 THEN
    THROW "nothing"
  END IF
END PARALLEL
' expect error: Line 3: Branch 2 failed: nothing
