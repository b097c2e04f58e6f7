ALLOW ROLE "admin"
' expect announced: Line 1: ALLOW ROLE
