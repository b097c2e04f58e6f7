-- works with: 0001
-- What operating needs.

set local search_path = botmcp, public;
