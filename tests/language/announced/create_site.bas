CREATE SITE "spring", "landing", "A page about our spring sale"
' expect announced: Line 1: CREATE SITE
