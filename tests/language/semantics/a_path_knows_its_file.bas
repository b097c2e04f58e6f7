path = "uploads/2026/report.final.pdf"
TALK path.filename                           ' expect: report.final.pdf
TALK path.extension                          ' expect: pdf
