-- One row per nothing.
SELECT 1 AS one
