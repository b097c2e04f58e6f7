rows = [{id: 1}]
EXCEL rows
' expect announced: Line 2: EXCEL
