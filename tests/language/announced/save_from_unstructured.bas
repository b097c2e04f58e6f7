mail = "mail"
SAVE FROM UNSTRUCTURED "leads", mail
' expect announced: Line 2: SAVE FROM UNSTRUCTURED
