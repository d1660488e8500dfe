WITH told AS (
    -- one row per change of a registration that was told
    SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY account_id, region, resource_id ORDER BY notice_time DESC, notice_id DESC) AS recency,
        {{ map_value("attributes", "registrationDetails.registrationType") }} AS registration_type,
        LAG(status) OVER (PARTITION BY account_id, region, resource_id ORDER BY notice_time, notice_id) AS previous_status
    FROM notices
    WHERE resource_type = 'registration'
        AND {{ asked_for() }}
),

counted_registrations AS (
    -- one row per registration
    SELECT
        resource_id AS registration_id,
        account_id,
        region,
        MAX(registration_type) AS registration_type,
        MAX(CASE WHEN recency = 1 THEN status END) AS status,
        MAX(CASE WHEN recency = 1 THEN status_reason END) AS status_reason,
        MAX(CASE WHEN previous_status IS NULL OR previous_status <> status THEN notice_time END) AS status_at,
        MIN(notice_time) AS first_notice_at,
        MIN(CASE WHEN status = 'COMPLETE' THEN notice_time END) AS first_completed_at,
        {{ count_where("status = 'REQUIRES_UPDATES' AND COALESCE(previous_status, '') <> status") }} AS returned_count,
        COUNT(*) AS notices
    FROM told
    GROUP BY resource_id, account_id, region
)

SELECT
    registration_id,
    registration_type,
    account_id,
    region,
    status,
    status_reason,
    status_at,
    {{ seconds_between("status_at", instant(now)) }} AS status_age_s,
    first_notice_at,
    first_completed_at,
    {{ seconds_between("first_notice_at", "first_completed_at") }} AS time_to_complete_s,
    returned_count,
    notices
FROM counted_registrations
ORDER BY status_at, registration_id
