GET ATTENDANT STATUS "ana"
' expect announced: Line 1: GET ATTENDANT STATUS
