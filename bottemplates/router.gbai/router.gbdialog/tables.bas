' Which words lead to which bot. The rows to begin with are in router.gbdata/routes.csv.
TABLE routes
  id INTEGER KEY
  word STRING(40)
  topic STRING(40)
END TABLE
