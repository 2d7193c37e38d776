-- ivr.contained_60s, version 1: Never asked and spent 60 s or more in the menu, of all who
-- arrived (the convention of the 2017 audit; it does not prove that anything was achieved).
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE asked_ms IS NULL AND ivr_ms >= 60000) AS numerator,
       count(*) AS denominator
FROM cohort
GROUP BY ALL;
