-- works with: 0001
-- Keys of callers, and the audit log.

set local search_path = botmcp, public;
