-- fail: no conversation ends before it begins.
SELECT conversation_id FROM {{ relation }} WHERE conversation_duration_seconds < 0;
