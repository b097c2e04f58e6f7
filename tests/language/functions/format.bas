TALK FORMAT(1234.5, "#,##0.00")              ' expect: 1,234.50
TALK FORMAT(7, "0000") + " " + FORMAT(0.256, "0.0%") + " " + FORMAT(1234.5, "R$ #,##0.00")   ' expect: 0007 25.6% R$ 1,234.50
TALK FORMAT("2026-03-09", "DD/MM/YYYY") + " " + FORMAT("2026-03-09 14:05", "MMMM d, yyyy HH:mm")   ' expect: 09/03/2026 March 9, 2026 14:05
