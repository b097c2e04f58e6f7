-- works with: 0001
-- What the doors to other servers keep.

set local search_path = botmcp, public;
