-- One row for each contact: what is known of it at as_of, in milliseconds, null where unknown.
--
-- In:  kept, steps (kept.sql); the variable as_of, UTC milliseconds.
-- Out: contacts.
--
-- First, later, before and after are by event order, that is by turn or n.
CREATE OR REPLACE TABLE contacts AS
WITH counted AS (
    SELECT subject,
           count(*) AS revision,
           count(*) FILTER (conflicting) AS conflicting,
           min(time_ms) AS first_ms,
           max(time_ms) AS last_ms,
           getvariable('as_of') - max(time_ms) >= 12 * 3_600_000 AS silent,
           min(time_ms) FILTER (type = 'contact.arrived') AS announced_ms,
           count(*) FILTER (starts_with(type, 'email.')) > 0 AS mailed,
           count(*) FILTER (type = 'web.task_completed') > 0 AS on_the_web
    FROM steps
    GROUP BY subject
    -- A subject of nothing but declarations is not a contact, nor is the shift of an agent.
    HAVING count(*) FILTER (type <> 'control.total_declared') > 0
        AND count(*) FILTER (type <> 'agent.state_changed') > 0
),
named AS (
    -- What the first event says that says it; arg_min and arg_max pass over nulls.
    SELECT subject,
           arg_min(department, turn) AS department,
           arg_min(program, turn) AS program,
           coalesce(
               arg_min(queue, turn) FILTER (type IN (
                   'queue.entered', 'agent.requested', 'contact.turned_away', 'agent.connected')),
               arg_min(queue, turn)) AS queue,
           arg_min(channel, turn) AS channel,
           arg_min("language", turn) AS "language",
           arg_min(line, turn) AS line,
           arg_min(origin, turn) AS origin,
           arg_min(caller, turn) AS caller,
           arg_min(caller_before, turn) AS caller_before,
           arg_min(skill, turn) AS skill,
           arg_min(priority, turn) AS priority,
           arg_max(topic, turn) AS topic
    FROM kept
    WHERE coalesce(department, program, queue, channel, "language", line, origin, caller,
                   caller_before, skill, topic) IS NOT NULL OR priority IS NOT NULL
    GROUP BY subject
),
walked AS (
    -- The way through menu and queue to an agent, and away.
    SELECT subject,
           min(time_ms) FILTER (type = 'ivr.entered') AS menu_ms,
           min(n) FILTER (type = 'ivr.entered') AS menu_n,
           min(time_ms) FILTER (type = 'ivr.self_served') AS self_served_ms,
           min(time_ms) FILTER (asks) AS asked_ms,
           min(n) FILTER (asks) AS asked_n,
           count(*) FILTER (type IN (
               'queue.entered', 'queue.left', 'agent.connected', 'callback.accepted')) AS queueings,
           max(n) FILTER (type IN ('queue.entered', 'agent.connected', 'callback.accepted'))
               AS continued_n,
           min(n) FILTER (type = 'callback.accepted') AS accepted_n,
           min(time_ms) FILTER (type = 'queue.entered') AS entered_ms,
           min(n) FILTER (type = 'queue.entered') AS entered_n,
           count(*) FILTER (type = 'queue.entered') AS visits,
           count(*) FILTER (type = 'contact.turned_away') AS refusals,
           min(time_ms) FILTER (type = 'contact.turned_away') AS refused_ms,
           arg_min_null(reason, n) FILTER (type = 'contact.turned_away') AS refused_reason,
           min(time_ms) FILTER (type = 'contact.ended') AS ended_ms,
           arg_min_null("by", n) FILTER (type = 'contact.ended') AS ended_by
    FROM (
        SELECT *,
               type IN ('agent.requested', 'queue.entered', 'queue.left', 'agent.connected',
                        'callback.accepted')
                   OR type = 'contact.turned_away' AND reason IS DISTINCT FROM 'blocked' AS asks
        FROM steps
        WHERE type IN ('ivr.entered', 'ivr.self_served', 'agent.requested', 'queue.entered',
                       'queue.left', 'agent.connected', 'callback.accepted',
                       'contact.turned_away', 'contact.ended')
    )
    GROUP BY subject
),
called_back AS (
    SELECT subject,
           min(time_ms) FILTER (type = 'callback.offered') AS callback_offered_ms,
           min(time_ms) FILTER (type = 'callback.accepted') AS callback_accepted_ms,
           min(time_ms) FILTER (type = 'callback.declined') AS callback_declined_ms,
           min(time_ms) FILTER (type = 'callback.attempted') AS callback_attempted_ms,
           min(time_ms) FILTER (type = 'callback.cancelled') AS callback_cancelled_ms,
           arg_min_null("by", turn) FILTER (type = 'callback.cancelled') AS callback_cancelled_by,
           min(time_ms) FILTER (type = 'callback.expired') AS callback_expired_ms,
           count(*) FILTER (type = 'callback.attempted') AS callback_attempts,
           epoch_ms(arg_min_null(promise_from, turn) FILTER (
               type = 'callback.accepted')::TIMESTAMP) AS promise_from_ms,
           epoch_ms(arg_min_null(promise_until, turn) FILTER (
               type = 'callback.accepted')::TIMESTAMP) AS promise_until_ms
    FROM kept
    WHERE type IN ('callback.offered', 'callback.accepted', 'callback.declined',
                   'callback.attempted', 'callback.cancelled', 'callback.expired')
    GROUP BY subject
),
connected_back AS (
    SELECT subject, min(time_ms) AS callback_connected_ms, min(n) AS connected_n
    FROM steps JOIN walked USING (subject)
    WHERE type = 'callback.connected' AND n > accepted_n
    GROUP BY subject
),
exits AS (
    -- The place and reason of every event that could be the exit from the queue.
    SELECT subject, time_ms, n,
           CASE
               WHEN type = 'agent.connected' THEN 'answered'
               WHEN type = 'callback.accepted' THEN 'callback_accepted'
               WHEN type = 'queue.left' AND how = 'abandoned' THEN 'abandoned'
               WHEN type = 'contact.ended' AND n > asked_n
                   THEN if("by" = 'customer', 'abandoned', 'other_exit')
               WHEN continued_n > n THEN NULL  -- a removal that did not last
               WHEN type = 'queue.left'
                   AND coalesce(how, '') NOT IN ('answered', 'callback', 'flow') THEN 'other_exit'
               WHEN type = 'contact.turned_away' AND n >= asked_n THEN 'other_exit'
           END AS exit_place,
           CASE type
               WHEN 'contact.ended' THEN 'ended_by_' || "by"
               WHEN 'queue.left' THEN how
               WHEN 'contact.turned_away' THEN reason
           END AS exit_reason
    FROM steps JOIN walked USING (subject)
    WHERE type IN ('agent.connected', 'callback.accepted', 'queue.left', 'contact.ended',
                   'contact.turned_away')
),
gone AS (
    SELECT subject,
           min(time_ms) AS left_ms,
           min(n) AS exit_n,
           arg_min(exit_place, n) AS exit_place,
           arg_min_null(exit_reason, n) AS exit_reason
    FROM exits
    WHERE exit_place IS NOT NULL
    GROUP BY subject
),
interpreted AS (
    SELECT subject,
           min(time_ms) AS interpreter_requested_ms,
           min(n) AS requested_n
    FROM steps
    WHERE type = 'interpreter.requested'
    GROUP BY subject
),
followed AS (
    -- What the first event after those was.
    SELECT subject,
           min(time_ms) FILTER (type IN ('ivr.left', 'contact.ended') AND n > menu_n)
               AS menu_end_ms,
           min(time_ms) FILTER (type = 'contact.ended' AND n > exit_n) AS end_after_exit,
           min(time_ms) FILTER (type = 'contact.ended' AND n > connected_n)
               AS end_after_callback,
           count(*) FILTER (type = 'callback.attempted' AND n < connected_n)
               AS attempts_before,
           min(time_ms) FILTER (type = 'interpreter.joined' AND n > requested_n)
               AS interpreter_joined_ms
    FROM steps LEFT JOIN walked USING (subject) LEFT JOIN gone USING (subject)
        LEFT JOIN connected_back USING (subject) LEFT JOIN interpreted USING (subject)
    WHERE type IN ('ivr.left', 'contact.ended', 'callback.attempted', 'interpreter.joined')
    GROUP BY subject
),
legs AS (
    SELECT subject,
           count(*) AS legs,
           count(end_ms) AS legs_ended,
           sum(end_ms - time_ms) AS legs_ms
    FROM (
        SELECT subject, type, time_ms,
               lead(time_ms) OVER (PARTITION BY subject ORDER BY n) AS end_ms
        FROM steps
        WHERE type IN ('agent.connected', 'callback.connected', 'queue.entered', 'contact.ended')
    )
    WHERE type IN ('agent.connected', 'callback.connected')
    GROUP BY subject
),
holds AS (
    SELECT subject,
           count(*) AS holds,
           count(end_ms) AS holds_ended,
           sum(end_ms - time_ms) AS holds_ms
    FROM (
        SELECT subject, type, time_ms,
               lead(time_ms) OVER (PARTITION BY subject ORDER BY n) AS end_ms
        FROM steps
        WHERE type IN ('hold.started', 'hold.ended', 'contact.ended')
    )
    WHERE type = 'hold.started'
    GROUP BY subject
),
wrapups AS (
    SELECT subject,
           count(*) AS wrapups,
           count(end_ms) AS wrapups_ended,
           sum(end_ms - time_ms) AS wrapups_ms
    FROM (
        SELECT subject, type, time_ms,
               lead(time_ms) OVER (PARTITION BY subject ORDER BY n) AS end_ms
        FROM steps
        WHERE type IN ('wrapup.started', 'wrapup.ended')
    )
    WHERE type = 'wrapup.started'
    GROUP BY subject
),
resolved AS (
    SELECT subject,
           arg_max_null(at_first_exchange, turn) FILTER (type = 'contact.resolved')
               AS resolved_first,
           count(*) FILTER (type = 'transfer.completed') AS transfers
    FROM kept
    WHERE type IN ('contact.resolved', 'transfer.completed')
    GROUP BY subject
),
facts AS (
    SELECT * REPLACE (
               coalesce(channel, if(mailed, 'email', if(on_the_web, 'web', NULL))) AS channel,
               coalesce(queueings, 0) AS queueings,
               coalesce(visits, 0) AS visits,
               coalesce(refusals, 0) AS refusals,
               coalesce(legs, 0) AS legs,
               coalesce(holds, 0) AS holds,
               coalesce(holds_ended, 0) AS holds_ended,
               coalesce(holds_ms, 0) AS holds_ms,
               coalesce(wrapups, 0) AS wrapups,
               coalesce(transfers, 0) AS transfers,
               coalesce(callback_attempts, 0) AS callback_attempts),
           menu_end_ms - menu_ms AS ivr_ms,
           if(callback_connected_ms IS NULL, NULL, coalesce(attempts_before, 0))
               AS callback_connected_attempt
    FROM counted LEFT JOIN named USING (subject) LEFT JOIN walked USING (subject)
        LEFT JOIN gone USING (subject) LEFT JOIN followed USING (subject)
        LEFT JOIN called_back USING (subject) LEFT JOIN connected_back USING (subject)
        LEFT JOIN legs USING (subject) LEFT JOIN holds USING (subject)
        LEFT JOIN wrapups USING (subject) LEFT JOIN interpreted USING (subject)
        LEFT JOIN resolved USING (subject)
),
funnelled AS (
    -- Only phone contacts are in the funnel, and one that names no channel is one.
    SELECT * REPLACE (if(phone, asked_ms, NULL) AS asked_ms, if(phone, visits, 0) AS visits)
    FROM (SELECT *, coalesce(channel, 'phone') = 'phone' AS phone FROM facts)
),
placed AS (
    SELECT *,
           CASE
               WHEN NOT phone THEN NULL
               WHEN asked_ms IS NULL THEN CASE
                   WHEN refusals > 0 THEN 'blocked_before_asking'
                   WHEN self_served_ms IS NOT NULL THEN 'self_served'
                   WHEN ended_ms IS NOT NULL OR silent THEN 'left_in_ivr'
                   ELSE 'in_ivr'
               END
               WHEN refusals > 0 AND queueings = 0 THEN 'turned_away'
               WHEN exit_n IS NOT NULL THEN exit_place
               WHEN silent THEN 'other_exit'
               ELSE 'waiting'
           END AS place,
           place IN ('answered', 'abandoned', 'callback_accepted', 'other_exit', 'waiting')
               AS queued,
           CASE WHEN queued THEN coalesce(left_ms, if(silent, last_ms + 12 * 3_600_000, NULL)) END
               AS exit_ms,
           CASE WHEN queued THEN if(coalesce(entered_n <= exit_n, true),
               coalesce(entered_ms, asked_ms), asked_ms) END AS queued_ms,
           if(place = 'answered', exit_ms, callback_connected_ms) AS connected_ms,
           if(place = 'answered', end_after_exit, end_after_callback) AS finished_ms,
           legs > 0 AND legs_ended = legs AND holds_ended = holds AS talk_known,
           if(talk_known, greatest(legs_ms - holds_ms, 0), NULL) AS talk_ms,
           if(talk_known, holds_ms, NULL) AS hold_ms,
           if(wrapups > 0 AND wrapups_ended = wrapups, wrapups_ms, NULL) AS after_call_ms
    FROM funnelled
)
SELECT subject AS contact_id,
       revision,
       conflicting,
       first_ms,
       last_ms,
       department,
       program,
       queue,
       channel,
       "language",
       line,
       origin,
       NULL::VARCHAR AS category,
       caller,
       caller_before,
       skill,
       priority,
       topic,
       coalesce(announced_ms, first_ms) AS arrived_ms,
       ivr_ms,
       self_served_ms,
       if(place = 'left_in_ivr', coalesce(ended_ms, last_ms + 12 * 3_600_000), NULL)
           AS left_menu_ms,
       asked_ms,
       place,
       if(place IN ('turned_away', 'blocked_before_asking'), refused_ms, NULL) AS turned_away_ms,
       if(place IN ('turned_away', 'blocked_before_asking'), refused_reason, NULL)
           AS turned_away_reason,
       exit_ms,
       CASE WHEN place = 'other_exit' THEN if(exit_n IS NULL, 'lost_sight', placed.exit_reason) END
           AS exit_reason,
       queued_ms,
       left_ms - queued_ms AS queue_ms,  -- a contact lost sight of never left
       visits,
       connected_ms,
       connected_ms - asked_ms AS wait_ms,
       talk_ms::BIGINT AS talk_ms,
       hold_ms::BIGINT AS hold_ms,
       after_call_ms::BIGINT AS after_call_ms,
       CASE
           WHEN wrapups = 0 THEN talk_ms + hold_ms
           ELSE talk_ms + hold_ms + after_call_ms
       END::BIGINT AS handle_ms,
       finished_ms,
       interpreter_requested_ms,
       interpreter_joined_ms,
       interpreter_joined_ms - interpreter_requested_ms AS interpreter_wait_ms,
       resolved_first,
       transfers,
       ended_ms,
       ended_by,
       callback_offered_ms,
       callback_accepted_ms,
       callback_declined_ms,
       callback_attempted_ms,
       callback_cancelled_ms,
       callback_cancelled_by,
       callback_expired_ms,
       callback_attempts,
       callback_connected_ms,
       callback_connected_attempt,
       promise_from_ms,
       promise_until_ms,
       callback_accepted_ms IS NOT NULL AND callback_connected_ms IS NULL
           AND callback_cancelled_ms IS NULL AND callback_expired_ms IS NULL AS callback_pending,
       CASE
           WHEN promise_from_ms IS NULL OR promise_until_ms IS NULL THEN NULL
           WHEN callback_cancelled_by = 'customer' THEN NULL
           WHEN callback_attempted_ms BETWEEN promise_from_ms AND promise_until_ms THEN 'kept'
           WHEN callback_attempted_ms IS NOT NULL THEN 'broken'
           WHEN callback_expired_ms IS NOT NULL THEN 'broken'
           WHEN getvariable('as_of') > promise_until_ms THEN 'broken'
       END AS promise
FROM placed;
