-- inventory: what is recommended for a request, in the shape that was promised, worked out when somebody looks
create or replace view c3.rfqs with (security_invoker = true) as
  select r.org_id, r.id,
    -- As customers knows it; null where it is not known whose the account is.
    a.customer_id, r.c3_rfq_id, r.c3_quote_id, r.rfq_number, lower(r.status) as status, r.c3_status,
    -- What counts and nobody has rejected, line by line; null when that is nothing. Shares of 1, and money to the last digit.
    (
      select jsonb_agg(
        case x.kind
          when 'PRICING' then jsonb_build_object('type', 'pricing', 'component', x.part_number, 'suggestedPrice', x.amount,
            'confidence', round(x.confidence / 100.0, 2), 'reasoning', x.reasoning)
          else jsonb_build_object('type', 'alternative', 'originalComponent', x.part_number,
            'alternativeComponent', x.alternative_part_number, 'savings', x.amount, 'reasoning', x.reasoning)
        end order by x.line, x.subject)
      from inventory.recommendations x
      where x.org_id = r.org_id and x.rfq_id = r.id and x.is_latest and x.state in ('PROPOSED', 'ACCEPTED')
    ) as ai_recommendations,
    coalesce(s.last_synced_at, r.c3_last_sync) as c3_last_sync, coalesce(s.contested, false) as sync_conflict,
    lower(coalesce(s.state, 'SYNCED')) as sync_status, r.created_at
  from inventory.rfqs r
  left join inventory.account_customers a on a.org_id = r.org_id and a.account_id = r.account_id
  left join sync.standings s on s.org_id = r.org_id and s.connection_id = r.connection_id and s.local_id = r.id
  where r.deleted_at is null;

-- A column beside the recommendations would say something else between the two being written. No code has ever written or read this one.
alter table inventory.rfqs drop column ai_recommendations;
