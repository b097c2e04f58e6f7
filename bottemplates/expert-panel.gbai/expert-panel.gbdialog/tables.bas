' What each expert looks for. The rows to begin with are in expert-panel.gbdata/criteria.csv.
TABLE criteria
  id INTEGER KEY
  expert STRING(40)
  phrase STRING(80)
  points INTEGER
  why STRING(200)
END TABLE
