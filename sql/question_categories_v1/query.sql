{% set words = ["category", "questionCategory", "question_category"] %}
WITH told AS (
    -- one row per event of a message from a person, with the category that its record carries
    SELECT
        *,
        COALESCE(
            {% for column in ["tags", "attributes"] %}
            {% for word in words %}
            {{ map_value(column, word) }}{{ "" if loop.last and column == "attributes" else "," }}
            {% endfor %}
            {% endfor %}
        ) AS category
    FROM events
    WHERE direction = 'inbound'
        AND stage = 'received'
        AND message_key IS NOT NULL
        AND {{ asked_for(without="use_case") }}
),

questions AS (
    -- one row per message, whoever tells of it
    SELECT
        message_key,
        {{ utc_day("MIN(event_time)") }} AS day,
        MAX(category) AS category,
        MAX(channel) AS channel,
        MAX(originator) AS originator,
        MAX(recipient_id) AS recipient_id,
        MAX(recipient_country) AS recipient_country,
        MAX(use_case) AS use_case,
        MAX(tenant_id) AS tenant_id,
        MAX(account_id) AS account_id,
        MAX(region) AS region
    FROM told
    GROUP BY message_key
),

counted_groups AS (
    -- one row per category and group; a message without a category is counted without one
    SELECT
        {{ grouped_columns() }}
        category,
        COUNT(*) AS question_count,
        COUNT(DISTINCT recipient_id) AS recipient_count
    FROM questions
    WHERE {{ filtered_by("use_case") }}
    GROUP BY {% for name in by %}{{ name }}, {% endfor %}category
)

SELECT
    {{ grouped_columns() }}
    category,
    question_count,
    recipient_count,
    CASE
        WHEN category IS NOT NULL THEN {{ rate("question_count", "SUM(CASE WHEN category IS NOT NULL THEN question_count END) OVER ()") }}
    END AS category_rate
FROM counted_groups
ORDER BY {% for name in by %}{{ name }}, {% endfor %}question_count DESC, category
