/** What working leaves behind in an organisation besides its records: what was given up, what webhooks told, what was mapped. */
import { sql } from 'kysely'
import { systemClock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import { writeDeliveries } from '#subgraphs/customers/store/webhooks.ts'
import { buryRecords } from '#sync/dead-letters.ts'
import { writeDecisions } from '#sync/decisions.ts'
import { emptyPlan } from '#sync/plan.ts'
import { DEMO } from '../kit/subgraph.ts'
import { until } from '../kit/until.ts'
import type { WholeHub } from '../kit/whole-hub.ts'

const PROBE_RECORD = '00000000-0000-4000-8000-0000000090b0'
/** Texts that only these traces hold. */
export const TRACES = ['Probe mapping {subject}', 'Probe letter', 'Probe conflict', '900900900', 'Probe bulk']
/** A change of many records that was done. */
export const BULK_TRACE = '00000000-0000-4000-8000-00000000b01c'

/** Leaves one of each with a connection, and a comparison of everything. */
export const leaveTraces = async (hub: WholeHub, integrationId: string): Promise<void> => {
  const { database } = hub.databases.customers
  const clock = systemClock
  await database.transaction(DEMO, async (tx) => {
    await buryRecords(
      tx,
      { orgId: DEMO, connectionId: integrationId, type: 'contacts' },
      [
        {
          externalId: '900900900',
          code: 'PROBE',
          reason: 'Probe letter',
          guidance: 'Probe letter',
          attempts: 5,
        },
      ],
      clock,
    )
    await writeDecisions(
      tx,
      {
        ...emptyPlan('contacts'),
        decisions: [
          {
            ...{ externalId: '900900900', localId: PROBE_RECORD, field: 'probe_900900900', isKnown: false },
            ...{
              base: null,
              theirs: 'Probe conflict',
              ours: 'Other',
              theirsAt: clock.now(),
              oursAt: undefined,
            },
            ...{ policy: 'MANUAL', word: 'MANUAL', policyVersion: 1, outcome: 'open', would: 'theirs' },
          },
        ],
      },
      { orgId: DEMO, connectionId: integrationId, runId: undefined, at: clock.now() },
    )
    await sql`insert into customers.bulk_jobs (org_id, id, type, operation, state, total, done, refused, asked_by_kind, asked_by, created_at)
      values (${DEMO}, ${BULK_TRACE}, 'contacts', 'DELETE', 'COMPLETED', 1, 1, 1, 'user', 'user:test', ${clock.now()})`.execute(
      tx,
    )
    await sql`insert into customers.bulk_items (org_id, job_id, position, type, record_id, outcome, message)
      values (${DEMO}, ${BULK_TRACE}, 0, 'contacts', ${BULK_TRACE}, 'REFUSED', 'Probe bulk')`.execute(tx)
    await writeDeliveries(
      tx as never,
      DEMO,
      [
        {
          id: newId(clock),
          integration_id: integrationId,
          portal_id: '900900900',
          receiver: '',
          received_at: clock.now(),
          oldest_event_at: null,
          attempt: 0,
          events: [],
          records: [],
          event_count: 1,
          ignored_count: 1,
          duplicate_count: 0,
          status: 'IGNORED',
          raw_sealed: null,
        },
      ],
      clock.now(),
    )
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
