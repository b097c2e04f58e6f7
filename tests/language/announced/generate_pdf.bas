order = {id: 7}
GENERATE PDF "invoice", order, "invoice.pdf"
' expect announced: Line 2: GENERATE PDF
