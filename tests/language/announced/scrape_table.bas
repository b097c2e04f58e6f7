SCRAPE TABLE "https://example.com", "h1"
' expect announced: Line 1: SCRAPE TABLE
