-- One row per dwelling whose month is complete: its energy.
SELECT dwelling_id, household_id, district, dwelling_type, household_size, kwh FROM dwelling_use WHERE kwh IS NOT NULL
