-- works with: 0001
-- Workflows that people draw: drafts, their edits and versions.

set local search_path = botmcp, public;
