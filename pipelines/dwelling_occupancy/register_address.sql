-- One row per dwelling of the tax register, its address put together as people write it.
SELECT
  dwelling_id,
  locality_code,
  concat_ws(' ', street_type, street, house_no::VARCHAR, 'כניסה ' || entrance, 'דירה ' || apartment::VARCHAR) AS address_text
FROM dwelling
