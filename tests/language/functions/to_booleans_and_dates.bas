TALK CBOOL("yes") + " " + CBOOL("no") + " " + CBOOL(0) + " " + CDATE("2026-03-09")   ' expect: true false false 2026-03-09
