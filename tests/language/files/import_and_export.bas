' answer IMPORT: [{"id": 3}]
' answer EXPORT: "out.xlsx"
rows = IMPORT "in.csv"
TALK rows[0].id                              ' expect: 3
TALK EXPORT "out.xlsx", rows                 ' expect: out.xlsx
