-- One row for each contact: what is known of it at as_of, in milliseconds, null where unknown.
--
-- In:  kept (kept.sql); the variable as_of, UTC milliseconds.
-- Out: contacts.
--
-- First, later, before and after are by event order: (time, source, sequence, id), as text.
CREATE OR REPLACE TABLE contacts AS
WITH ordered AS (
    -- Every event with its number in its contact, and what came before and comes later.
    SELECT rowid AS event,
           row_number() OVER in_order AS n,
           count(*) FILTER (
               type IN ('agent.requested', 'queue.entered', 'queue.left', 'agent.connected',
                        'callback.accepted')
               OR type = 'contact.turned_away' AND reason IS DISTINCT FROM 'blocked'
           ) OVER in_order AS asks,  -- up to and including this event
           count(*) FILTER (type = 'callback.accepted') OVER before AS acceptances_before,
           count(*) FILTER (type = 'callback.attempted') OVER before AS attempts_before,
           count(*) FILTER (
               type IN ('queue.entered', 'agent.connected', 'callback.accepted')
           ) OVER later AS continuations_later,
           min(time_ms) FILTER (type IN ('ivr.left', 'contact.ended')) OVER later AS menu_end,
           min(time_ms) FILTER (
               type IN ('agent.connected', 'callback.connected', 'queue.entered', 'contact.ended')
           ) OVER later AS leg_end,
           min(time_ms) FILTER (
               type IN ('hold.started', 'hold.ended', 'contact.ended')
           ) OVER later AS hold_end,
           min(time_ms) FILTER (type IN ('wrapup.started', 'wrapup.ended')) OVER later AS wrapup_end,
           min(time_ms) FILTER (type = 'contact.ended') OVER later AS end_later,
           min(time_ms) FILTER (type = 'interpreter.joined') OVER later AS interpreter_later
    FROM kept
    WINDOW in_order AS (
               PARTITION BY subject ORDER BY time_ms, source, sequence, id
               ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
           before AS (
               PARTITION BY subject ORDER BY time_ms, source, sequence, id
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
           later AS (
               PARTITION BY subject ORDER BY time_ms, source, sequence, id
               ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
),
marked AS (
    -- The place and reason of every event that could be the exit from the queue.
    SELECT *,
           CASE
               WHEN type = 'agent.connected' THEN 'answered'
               WHEN type = 'callback.accepted' THEN 'callback_accepted'
               WHEN type = 'queue.left' AND how = 'abandoned' THEN 'abandoned'
               WHEN type = 'contact.ended' AND asks > 0
                   THEN if("by" = 'customer', 'abandoned', 'other_exit')
               WHEN continuations_later > 0 THEN NULL  -- a removal that did not last
               WHEN type = 'queue.left'
                   AND coalesce(how, '') NOT IN ('answered', 'callback', 'flow') THEN 'other_exit'
               WHEN type = 'contact.turned_away' AND asks > 0 THEN 'other_exit'
           END AS exit_place,
           CASE type
               WHEN 'contact.ended' THEN 'ended_by_' || "by"
               WHEN 'queue.left' THEN how
               WHEN 'contact.turned_away' THEN reason
           END AS exit_reason
    FROM kept JOIN ordered ON kept.rowid = ordered.event
),
facts AS (
    SELECT subject,
           count(*) AS revision,
           count(*) FILTER (conflicting) AS conflicting,
           min(time_ms) AS first_ms,
           max(time_ms) AS last_ms,
           getvariable('as_of') - max(time_ms) >= 12 * 3_600_000 AS silent,
           arg_min(department, n) AS department,  -- arg_min passes over nulls
           arg_min(program, n) AS program,
           coalesce(
               arg_min(queue, n) FILTER (type IN (
                   'queue.entered', 'agent.requested', 'contact.turned_away', 'agent.connected')),
               arg_min(queue, n)) AS queue,
           coalesce(
               arg_min(channel, n),
               CASE
                   WHEN count(*) FILTER (starts_with(type, 'email.')) > 0 THEN 'email'
                   WHEN count(*) FILTER (type = 'web.task_completed') > 0 THEN 'web'
               END) AS channel,
           arg_min("language", n) AS "language",
           arg_min(line, n) AS line,
           arg_min(origin, n) AS origin,
           arg_min(caller, n) AS caller,
           arg_min(caller_before, n) AS caller_before,
           arg_min(skill, n) AS skill,
           arg_min(priority, n) AS priority,
           arg_max(topic, n) AS topic,
           min(time_ms) FILTER (type = 'contact.arrived') AS announced_ms,
           arg_min_null(menu_end - time_ms, n) FILTER (type = 'ivr.entered') AS ivr_ms,
           min(time_ms) FILTER (type = 'ivr.self_served') AS self_served_ms,
           min(time_ms) FILTER (asks > 0) AS asked_ms,
           count(*) FILTER (type IN (
               'queue.entered', 'queue.left', 'agent.connected', 'callback.accepted')) AS queueings,
           count(*) FILTER (type = 'contact.turned_away') AS refusals,
           min(time_ms) FILTER (type = 'contact.turned_away') AS refused_ms,
           arg_min_null(reason, n) FILTER (type = 'contact.turned_away') AS refused_reason,
           min(n) FILTER (exit_place IS NOT NULL) AS exit_n,
           min(time_ms) FILTER (exit_place IS NOT NULL) AS left_ms,
           arg_min(exit_place, n) AS exit_place,
           arg_min_null(exit_reason, n) FILTER (exit_place IS NOT NULL) AS exit_reason,
           arg_min_null(end_later, n) FILTER (exit_place IS NOT NULL) AS end_after_exit,
           min(n) FILTER (type = 'queue.entered') AS entered_n,
           min(time_ms) FILTER (type = 'queue.entered') AS entered_ms,
           count(*) FILTER (type = 'queue.entered') AS visits,
           count(*) FILTER (type IN ('agent.connected', 'callback.connected')) AS legs,
           count(leg_end) FILTER (type IN ('agent.connected', 'callback.connected')) AS legs_ended,
           sum(leg_end - time_ms) FILTER (
               type IN ('agent.connected', 'callback.connected')) AS legs_ms,
           count(*) FILTER (type = 'hold.started') AS holds,
           count(hold_end) FILTER (type = 'hold.started') AS holds_ended,
           coalesce(sum(hold_end - time_ms) FILTER (type = 'hold.started'), 0) AS holds_ms,
           count(*) FILTER (type = 'wrapup.started') AS wrapups,
           count(wrapup_end) FILTER (type = 'wrapup.started') AS wrapups_ended,
           sum(wrapup_end - time_ms) FILTER (type = 'wrapup.started') AS wrapups_ms,
           min(time_ms) FILTER (type = 'interpreter.requested') AS interpreter_requested_ms,
           arg_min_null(interpreter_later, n) FILTER (type = 'interpreter.requested')
               AS interpreter_joined_ms,
           arg_max_null(at_first_exchange, n) FILTER (type = 'contact.resolved') AS resolved_first,
           count(*) FILTER (type = 'transfer.completed') AS transfers,
           min(time_ms) FILTER (type = 'contact.ended') AS ended_ms,
           arg_min_null("by", n) FILTER (type = 'contact.ended') AS ended_by,
           min(time_ms) FILTER (type = 'callback.offered') AS callback_offered_ms,
           min(time_ms) FILTER (type = 'callback.accepted') AS callback_accepted_ms,
           min(time_ms) FILTER (type = 'callback.declined') AS callback_declined_ms,
           min(time_ms) FILTER (type = 'callback.attempted') AS callback_attempted_ms,
           min(time_ms) FILTER (type = 'callback.cancelled') AS callback_cancelled_ms,
           arg_min_null("by", n) FILTER (type = 'callback.cancelled') AS callback_cancelled_by,
           min(time_ms) FILTER (type = 'callback.expired') AS callback_expired_ms,
           count(*) FILTER (type = 'callback.attempted') AS callback_attempts,
           min(time_ms) FILTER (
               type = 'callback.connected' AND acceptances_before > 0) AS callback_connected_ms,
           arg_min_null(end_later, n) FILTER (
               type = 'callback.connected' AND acceptances_before > 0) AS end_after_callback,
           arg_min(attempts_before, n) FILTER (
               type = 'callback.connected' AND acceptances_before > 0
           ) AS callback_connected_attempt,
           epoch_ms(arg_min_null(promise_from, n) FILTER (
               type = 'callback.accepted')::TIMESTAMP) AS promise_from_ms,
           epoch_ms(arg_min_null(promise_until, n) FILTER (
               type = 'callback.accepted')::TIMESTAMP) AS promise_until_ms
    FROM marked
    GROUP BY subject
    -- A subject of nothing but declarations is not a contact, nor is the shift of an agent.
    HAVING count(*) FILTER (type <> 'control.total_declared') > 0
        AND count(*) FILTER (type <> 'agent.state_changed') > 0
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
