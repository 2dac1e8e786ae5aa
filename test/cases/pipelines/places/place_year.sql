-- One row per person and month of the year.
SELECT * FROM place
