-- fail: a person is linked once to each older key.
SELECT pseudonym, key_id, COUNT(*) AS row_count
FROM {{ relation }}
WHERE pseudonym IS NOT NULL
GROUP BY pseudonym, key_id
HAVING COUNT(*) > 1;
