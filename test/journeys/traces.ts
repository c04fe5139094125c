/** What working leaves behind in an organisation besides its records: what was given up, what webhooks told, what was mapped. */

import { sql } from 'kysely'
import { session } from '#db/session.ts'
import { systemClock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import { deliveryTablesHere as hubSpotDeliveries } from '#subgraphs/customers/store/deliveries.ts'
import { deliveryTablesHere as c3Deliveries } from '#subgraphs/inventory/store/deliveries.ts'
import { buryRecords } from '#sync/dead-letters.ts'
import { writeDecisions } from '#sync/decisions.ts'
import type { DeliveryTables } from '#sync/deliveries/tables.ts'
import { writtenDeliveries } from '#sync/deliveries/written.ts'
import { emptyPlan } from '#sync/plan.ts'
import { defineProperty } from '../kit/portal.ts'
import { controlOf } from '../kit/simulator.ts'
import { DEMO } from '../kit/subgraph.ts'
import { until } from '../kit/until.ts'
import type { WholeHub } from '../kit/whole-hub.ts'

const PROBE_RECORD = '00000000-0000-4000-8000-0000000090b0'
/** What somebody's health was a month ago, and the mean of that month. */
const HEALTH_TRACE = '13.37'
/** An area of the log that tells more. */
export const LEVEL_TRACE = 'probe-17'
/** Texts that only these traces hold. */
export const TRACES = [
  ...['Probe mapping {subject}', 'Probe letter', 'Probe conflict', '900900900', 'Probe bulk'],
  ...['probe.nobody@example.org', 'Probe lead', '3141592'],
  ...[LEVEL_TRACE, 'Probe plan', '2718281', '1618033', 'Probe enrichment', HEALTH_TRACE],
]
/** A change of many records that was done. */
export const BULK_TRACE = '00000000-0000-4000-8000-00000000b01c'

/** Has the portal know somebody whom nobody looks after, and a company promising enough for a deal that has none. */
const makeRecords = async (url: string): Promise<void> => {
  const sim = controlOf(url)
  await defineProperty({ url }, 'companies', { name: 'hubspotscore', label: 'Score', type: 'number' })
  await sim('records/contacts', { properties: { email: 'probe.nobody@example.org' } })
  await sim('records/companies', { properties: { name: 'Probe lead', hubspotscore: '85' } })
}

/** A record that was given up, and a field of one that both sides changed. */
const leaveBehind = async (tx: object, integrationId: string, type: string): Promise<void> => {
  const clock = systemClock
  const why = { code: 'PROBE', reason: 'Probe letter', guidance: 'Probe letter', attempts: 5 }
  const place = { orgId: DEMO, connectionId: integrationId, type }
  await buryRecords(tx, place, [{ externalId: '900900900', ...why }], clock)
  const record = { externalId: '900900900', localId: PROBE_RECORD, field: 'probe_900900900', isKnown: false }
  const said = {
    base: null,
    theirs: 'Probe conflict',
    ours: 'Other',
    theirsAt: clock.now(),
    oursAt: undefined,
  }
  const rule = {
    policy: 'MANUAL',
    word: 'MANUAL',
    policyVersion: 1,
    outcome: 'open',
    would: 'theirs',
  } as const
  await writeDecisions(
    tx,
    { ...emptyPlan(type), decisions: [{ ...record, ...said, ...rule }] },
    { orgId: DEMO, connectionId: integrationId, runId: undefined, at: clock.now() },
  )
}

/** A delivery that told of nothing the hub keeps. @param own what only this system's deliveries have */
const leaveDelivery = (
  tx: object,
  integrationId: string,
  tables: DeliveryTables,
  own: Record<string, string>,
): Promise<void> => {
  const at = systemClock.now()
  const delivery = {
    ...{ id: newId(systemClock), integration_id: integrationId, own, received_at: at, oldest_event_at: null },
    ...{ attempt: 0, events: [], records: [], event_count: 1, ignored_count: 1, duplicate_count: 0 },
    ...{ status: 'IGNORED' as const, raw_sealed: null },
  }
  return writtenDeliveries(tables).writeDeliveries(tx, DEMO, [delivery], at)
}

/** Leaves the same with a connection to a C3, a version of its policy, a comparison of everything and a plan. */
export const leaveC3Traces = async (hub: WholeHub, integrationId: string): Promise<void> => {
  const { database } = hub.databases.inventory
  await database.transaction(DEMO, async (tx) => {
    await leaveBehind(tx, integrationId, 'rfqs')
    await leaveDelivery(tx, integrationId, c3Deliveries, { account_id: 'C3-7', delivery_id: '900900900' })
  })
  await hub.ask(
    `mutation ($id: ID!) {
      saveC3Policy(integrationId: $id, expectedVersion: 1, changes: { clockToleranceMs: 3141592 }) { __typename }
      startC3Sync(integrationId: $id, mode: RECONCILE) { __typename }
    }`,
    { id: integrationId },
  )
  await until(async () => {
    const answer = await hub.ask('{ c3DriftReports { nodes { state } } }')
    return answer.data?.c3DriftReports.nodes[0]?.state === 'COMPLETED'
  })
  await until(async () => {
    const plan = 'mutation ($id: ID!) { planC3Sync(integrationId: $id, types: ["customers"]) { __typename } }'
    return (await hub.ask(plan, { id: integrationId })).data?.planC3Sync.__typename === 'PlanStarted'
  })
  await until(async () => {
    const answer = await hub.ask('{ c3SyncPlans { nodes { state } } }')
    return answer.data?.c3SyncPlans.nodes[0]?.state === 'READY'
  })
}

/** Leaves in telephony what an account has asked other carriers and the registry for. @returns the ids of an order, a brand and a campaign */
export const leaveRegistrations = async (
  ask: WholeHub['ask'],
  ban: string,
): Promise<{ portId: string; brandId: string; campaignId: string }> => {
  const made = await ask(
    /* GraphQL */ `
      mutation ($ban: ID!) {
        orderPortIn(ban: $ban, input: { carrier: "Probe carrier", numbers: [{ number: "+13035550190" }] }) {
          ... on PortMoved { port { id } }
        }
        registerBrand(
          ban: $ban
          input: { displayName: "Probe brand", kind: PRIVATE_PROFIT, vertical: RETAIL }
        ) { ... on BrandChanged { brand { id } } }
      }`,
    { ban },
  )
  const brandId: string = made.data.registerBrand.brand.id
  const { data } = await ask(
    /* GraphQL */ `
      mutation ($brandId: ID!, $description: String!) {
        decideBrand(id: $brandId, decision: REGISTERED, tcrBrandId: "BPROBE900") { __typename }
        registerCampaign(
          brandId: $brandId
          input: { useCase: MARKETING, description: $description, sampleMessages: [$description] }
        ) { ... on CampaignChanged { campaign { id } } }
      }`,
    { brandId, description: 'Probe campaign, described as long as the registry wants.' },
  )
  return {
    portId: made.data.orderPortIn.port.id,
    brandId,
    campaignId: data.registerCampaign.campaign.id,
  }
}

/** Leaves one of each with a connection, and a comparison of everything. */
export const leaveTraces = async (hub: WholeHub, integrationId: string): Promise<void> => {
  const { database } = hub.databases.customers
  const clock = systemClock
  await makeRecords(hub.simulators.hubspot)
  await database.transaction(DEMO, async (tx) => {
    await leaveBehind(tx, integrationId, 'contacts')
    await sql`insert into customers.bulk_jobs (org_id, id, type, operation, state, total, done, refused, asked_by_kind, asked_by, created_at)
      values (${DEMO}, ${BULK_TRACE}, 'contacts', 'DELETE', 'COMPLETED', 1, 1, 1, 'user', 'user:test', ${clock.now()})`.execute(
      tx,
    )
    await sql`insert into customers.bulk_items (org_id, job_id, position, type, record_id, outcome, message)
      values (${DEMO}, ${BULK_TRACE}, 0, 'contacts', ${BULK_TRACE}, 'REFUSED', 'Probe bulk')`.execute(tx)
    await leaveDelivery(tx, integrationId, hubSpotDeliveries, { portal_id: '900900900', receiver: '' })
  })
  const { data, errors } = await hub.ask(
    /* GraphQL */ `
      mutation ($id: ID!) {
        saveMapping(
          integrationId: $id
          objectType: TICKETS
          expectedVersion: 1
          changes: [{ field: "subject", properties: ["subject"], transforms: [{ kind: TEMPLATE, text: "Probe mapping {subject}" }] }]
        ) { __typename ... on Refusal { message } ... on MappingRefused { problems { message } } }
        savePolicy(
          integrationId: $id
          expectedVersion: 1
          changes: { fields: [{ objectType: COMPANIES, field: "probe_900900900", policy: HUB }] }
        ) { __typename }
        startHubSpotSync(integrationId: $id, mode: RECONCILE) { __typename }
      }`,
    { id: integrationId },
  )
  if (data?.saveMapping.__typename !== 'MappingSaved') throw new Error(JSON.stringify({ data, errors }))
  await until(async () => {
    const answer = await hub.ask('{ driftReports { nodes { state } } }')
    return answer.data?.driftReports.nodes[0]?.state === 'COMPLETED'
  })
  // A connection does one thing at a time: something may be under way yet.
  await until(async () => {
    const plan = /* GraphQL */ `
      mutation ($id: ID!) {
        planSync(integrationId: $id, types: ["companies"]) { __typename }
      }`
    return (await hub.ask(plan, { id: integrationId })).data?.planSync.__typename === 'PlanStarted'
  })
  await until(async () => {
    const answer = await hub.ask('{ syncPlans { nodes { state } } }')
    return answer.data?.syncPlans.nodes[0]?.state === 'READY'
  })
}

/** Leaves a month of an account that was billed, by a rate plan, and what it did to growth. @returns the ids of both */
export const leaveBilling = async (
  hub: WholeHub,
  ban: string,
): Promise<{ planId: string; invoiceId: string }> => {
  const steps = 'steps: [{ price: "0.01" }]'
  const prices = ['LOCAL', 'TOLLFREE', 'MOBILE', 'INTERNATIONAL']
    .map((of) => `{ class: ${of}, ${steps} }`)
    .join()
  const { data, errors } = await hub.ask(
    `mutation { createRatePlan(name: "Probe plan", terms: { monthlyFee: "1", minutePrices: [${prices}], messagePrices: [${prices}] }) {
      ... on RatePlanChanged { plan { id } } } }`,
  )
  if (errors) throw new Error(JSON.stringify(errors))
  const invoiceId = newId(systemClock)
  const at = systemClock.now()
  await hub.databases.telephony.database.transaction(DEMO, async (tx) => {
    await sql`insert into telephony.invoices (org_id, id, ban, month, number, currency, total, status, issued_at, due_on, updated_at)
      values (${DEMO}, ${invoiceId}, ${ban}, '2026-01-01', 'INV-202601-2718281', 'USD', 1, 'ISSUED', ${at}, '2099-01-01', ${at})`.execute(
      tx,
    )
    await sql`insert into telephony.growth_months values (${DEMO}, '2026-01-01', 'USD', 1, 0, 0, 2718281, 0, 0, 0, 0, 0, 0)`.execute(
      tx,
    )
  })
  return { planId: data.createRatePlan.plan.id, invoiceId }
}

/** What was noticed, and judged by somebody. @returns the id of an insight of a customer */
export const leaveInsights = async (hub: WholeHub, customerId: string): Promise<string> =>
  session(hub.databases.insights.adminUrl, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `insert into insights.insights (org_id, insight_id, customer_id, detector, method_version, type, episode, state, version, confidence, impact,
        sentence, measures, evidence, is_recommended, needs_person, dismissals, dismissed_for, raised_at, valid_until, decided_at, as_of)
      select $1, gen_random_uuid(), $2, 'probe-detector', 1, 'SUPPORT', n, 'DISMISSED', 1, case when n <= 3 then 23 else 24 end, 'LOW',
        'Probe noticed.', '[]', '[]', false, false, 0, 'WRONG', $3, $3, $3, $3 from generate_series(1, 10) n returning insight_id as id`,
      [DEMO, customerId, systemClock.now()],
    )
    return rows[0]!.id
  })

/** A customer that could not be written about. */
export const leaveEnrichment = (hub: WholeHub, customerId: string): Promise<void> =>
  hub.databases.insights.database.transaction(DEMO, async (tx) => {
    const at = systemClock.now()
    await sql`insert into insights.enrichment_queue (org_id, customer_id, state, priority, is_asked, wanted_at, attempts, code, finished_at)
      values (${DEMO}, ${customerId}, 'FAILED', 5, false, ${at}, 5, 'Probe enrichment', ${at})`.execute(tx)
  })

/** Has the chat asked about a customer, so that there is a conversation about it. @returns its id */
export const leaveConversation = async (hub: WholeHub, customer: string): Promise<string> => {
  const response = await fetch(`${hub.url}/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await hub.token()}` },
    body: JSON.stringify({ text: `tickets of "${customer}"` }),
  })
  return ((await response.json()) as { conversationId: string }).conversationId
}

/** A customer whose health stood elsewhere a month ago, once it has been judged. */
export const leaveHealth = async (hub: WholeHub, customerId: string): Promise<void> => {
  await until(() =>
    hub.databases.insights.database.transaction(DEMO, async (tx) => {
      const { rows } = await sql`insert into insights.health_history
          (org_id, customer_id, as_of, score, confidence, coverage, dimensions, contributions, identity_version)
        select org_id, customer_id, as_of - interval '31 days', ${HEALTH_TRACE}::numeric, confidence, coverage, dimensions, contributions, identity_version
        from insights.health where org_id = ${DEMO}::uuid and customer_id = ${customerId}
        returning 1`.execute(tx)
      return rows.length > 0
    }),
  )
}

/** Leaves what was learned of who leaves, and a month of it. */
export const leaveChurn = async (hub: WholeHub): Promise<void> => {
  const learned = {
    ...{ factors: ['SILENCE'], intercept: 0, weights: [1] },
    calibration: { name: 'PLATT', slope: 1, offset: 0 },
  }
  const report = {
    ...{ examples: 1618033, leavers: 1, triedOn: 1, triedLeavers: 1 },
    ...{ auc: 1, brier: 1, calibrationError: 1, brierBefore: 1 },
  }
  await hub.databases.insights.database.transaction(DEMO, async (tx) => {
    await sql`insert into insights.models (org_id, name, version, learned, report, learned_at, is_held)
      values (${DEMO}, 'churn', 1, ${JSON.stringify(learned)}, ${JSON.stringify(report)}, ${systemClock.now()}, false)`.execute(
      tx,
    )
    await sql`insert into insights.churn_months (org_id, month, customers, expected, is_over)
      values (${DEMO}, '2026-01-01', 1618033, 1, true)`.execute(tx)
  })
}
