SEARCH "customers", "name", "ana"
' expect announced: Line 1: SEARCH
