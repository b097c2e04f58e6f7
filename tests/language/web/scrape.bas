' answer SCRAPE: "Welcome"
' answer SCRAPE ALL: ["One", "Two"]
' answer SCRAPE TABLE: [{"city": "Porto"}]
' answer SCRAPE LINKS: [{"text": "Home", "url": "https://example.com/"}]
' answer SCRAPE IMAGES: [{"text": "Logo", "url": "https://example.com/logo.png"}]
TALK SCRAPE "https://example.com", "h1"      ' expect: Welcome
all = SCRAPE ALL "https://example.com", "h2"
TALK all[1]                                  ' expect: Two
rows = SCRAPE TABLE "https://example.com"
TALK rows[0].city                            ' expect: Porto
links = SCRAPE LINKS "https://example.com"
TALK links[0].url                            ' expect: https://example.com/
images = SCRAPE IMAGES "https://example.com"
TALK images[0].text                          ' expect: Logo
