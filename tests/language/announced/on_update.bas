ON UPDATE OF "orders"
  TALK "never"
END ON
TALK "run by hand"                           ' expect: run by hand
' expect warning: Line 1: ON UPDATE is understood but not yet carried out by this release. A run that comes to such a line fails there and says so.
