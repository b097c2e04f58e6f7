' answer RSS: [{"title": "First", "link": "https://example.com/1", "summary": "", "published": ""}]
news = RSS "https://example.com/feed", 5
TALK news[0].title                           ' expect: First
