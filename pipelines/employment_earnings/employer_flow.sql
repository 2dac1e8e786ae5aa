-- One row per employer of the month whose flows are known: by how many jobs it has grown or shrunk from the start of the month to its end,
-- and how many of those that began only replaced others that ended.
SELECT
  employer_id,
  holding_id,
  industry,
  greatest(sum(at_end) - sum(at_start), 0)::BIGINT AS created,
  greatest(sum(at_start) - sum(at_end), 0)::BIGINT AS destroyed,
  least(sum(accession), sum(separation))::BIGINT AS replaced
FROM flow
GROUP BY employer_id, holding_id, industry
