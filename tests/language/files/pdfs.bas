' answer GENERATE PDF: {"name": "i.pdf", "path": "i.pdf", "url": "i.pdf"}
' answer MERGE PDF: {"name": "all.pdf", "path": "all.pdf", "url": "all.pdf"}
i = GENERATE PDF "invoice", {total: 5}, "i.pdf"
TALK i.path                                  ' expect: i.pdf
a = MERGE PDF ["i.pdf", "j.pdf"], "all.pdf"
TALK a.name                                  ' expect: all.pdf
