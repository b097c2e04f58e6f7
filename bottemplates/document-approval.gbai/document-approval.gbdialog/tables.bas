' Who reviews which kind of document, and what became of each. The rows to begin with are in document-approval.gbdata.
TABLE reviewers
  kind STRING(40) KEY
  expert STRING(80)
  deputy STRING(80)
END TABLE

TABLE register
  number STRING(40) KEY
  title STRING(200)
  status STRING(20)
  decided_by STRING(200)
  remark STRING(500)
END TABLE
