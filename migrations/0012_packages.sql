-- works with: 0001
-- What packages need besides.

set local search_path = botmcp, public;
