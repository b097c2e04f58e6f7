rows = [{id: 1}]
MERGE "customers" WITH rows BY "id"
' expect announced: Line 2: MERGE
