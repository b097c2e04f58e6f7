PARALLEL FOR EACH x IN [] JOIN ANY
  TALK "never"
END PARALLEL
TALK LEN(result)    ' expect: 0
