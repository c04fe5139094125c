/** Accounts and their trunks, changed through one process or two, and what customers says of them. */
import { sql } from 'kysely'
import type { DB } from '#db/generated/telephony.ts'
import { type Clock, systemClock } from '#kernel/clock.ts'
import { principalSeal } from '#kernel/principal.ts'
import { type EventName, type EventPayload, event } from '#schema/events.ts'
import { takeCustomers } from '#subgraphs/telephony/commands/take-customers.ts'
import { startTelephony } from '#subgraphs/telephony/index.ts'
import { testDatabase } from '#test/kit/postgres.ts'
import { askSubgraph, DEMO, principal, SHARED_SECRET, startWith } from '#test/kit/subgraph.ts'

const ACCOUNT = `ban name domain status version nextStatuses suspendedBecause closedAt tier mrr { amount } creditLimit { amount }
  hasCreditLimit paymentTerms paymentMethod paymentStatus apiEnabled smsEnabled openedFor contractEnd
  trunks(first: 50) { nodes { id name status allowedCalls } }`
const TRUNK =
  'id name status version nextStatuses ipAddresses concurrentCalls allowedCalls allowedCallsReason monthlyMinutes codecs partitionId account { ban }'
const REFUSAL = '... on Refusal { code message } ... on Invalid { field }'
const ACCOUNT_ANSWER = `__typename ${REFUSAL} ... on Stale { currentVersion } ... on BillingAccountChanged { account { ${ACCOUNT} } } ... on AccountMoveRefused { status allowed }`
const ANY_TRUNK_ANSWER = `__typename ${REFUSAL} ... on TrunkChanged { trunk { ${TRUNK} } } ... on TrunkMoveRefused { standing: status allowed }
  ... on AddressesOverlap { address trunk { name account { ban } } }`
const TRUNK_ANSWER = `${ANY_TRUNK_ANSWER} ... on Stale { currentVersion }`
const NEW_TRUNK_ANSWER = ANY_TRUNK_ANSWER.replace('TrunkChanged', 'TrunkCreated')

/** An event as it was told. */
export interface Told {
  name: string
  key: string
  payload: Record<string, unknown>
}

export const estatesBed = async ({ processes = 1, clock = systemClock as Clock } = {}) => {
  await using stack = new AsyncDisposableStack()
  const statements: string[] = []
  const onStatement = (text: string) => statements.push(text)
  const test = stack.use(await testDatabase<DB>('telephony', { onStatement }))
  const urls: (string | null)[] = []
  for (let n = 0; n < processes; n++)
    urls.push(
      stack.use(await startTelephony(startWith(test.urls, { clock, onStatement, worker: false }))).url,
    )
  const seal = principalSeal(SHARED_SECRET, clock)
  /** Asks one of the processes. @returns the one field that was asked for */
  const ask = async (
    text: string,
    variables: Record<string, unknown> = {},
    { by = 0, caller = principal() } = {},
  ) => {
    const { data, errors } = await askSubgraph(urls[by] ?? null, text, variables, caller, seal)
    if (errors) throw new Error(JSON.stringify(errors))
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asked for
    return Object.values(data)[0] as any
  }
  const rows = (text: string) =>
    test.database.read(
      DEMO,
      // biome-ignore lint/suspicious/noExplicitAny: as above
      async (tx) => (await sql<Record<string, any>>`${sql.raw(text)}`.execute(tx)).rows,
    )
  let hosts = 0
  /** How much customers has told. */
  let position = 0
  const all = stack.move()
  return {
    ...{ database: test.database, clock, statements, ask, rows },
    /** Opens an account with trunks of so many calls at once. */
    open: async (more: Record<string, unknown> = {}, calls: readonly number[] = []) => {
      const trunks = calls.map((concurrentCalls, n) => ({
        ...{ name: `Line ${n}`, concurrentCalls, monthlyMinutes: 1000 },
        ipAddresses: [`10.1.${hosts >> 8}.${hosts++ & 255}`],
      }))
      const made = await ask(
        `mutation ($input: BillingAccountInput!) { createBillingAccount(input: $input) {
          ... on BillingAccountCreated { account { ${ACCOUNT} } } ... on Refusal { message } } }`,
        { input: { name: 'Harbor Dental', trunks, ...more } },
      )
      if (!made.account) throw new Error(made.message)
      return made.account
    },
    account: (ban: string) => ask(`query ($ban: ID!) { billingAccount(ban: $ban) { ${ACCOUNT} } }`, { ban }),
    trunk: (id: string) => ask(`query ($id: ID!) { trunk(id: $id) { ${TRUNK} } }`, { id }),
    /** Changes an account by a mutation of that name. */
    move: (verb: string, ban: string, more = '', by = 0) =>
      ask(`mutation { ${verb}BillingAccount(ban: "${ban}"${more}) { ${ACCOUNT_ANSWER} } }`, {}, { by }),
    change: (ban: string, changes: object, expectedVersion: number | null = null, by = 0) =>
      ask(
        `mutation ($ban: ID!, $changes: BillingAccountChanges!, $expectedVersion: Int) {
          changeBillingAccount(ban: $ban, changes: $changes, expectedVersion: $expectedVersion) { ${ACCOUNT_ANSWER} } }`,
        { ban, changes, expectedVersion },
        { by },
      ),
    addTrunk: (ban: string, input: object, by = 0) =>
      ask(
        `mutation ($ban: ID!, $input: TrunkInput!) { createTrunk(ban: $ban, input: $input) { ${NEW_TRUNK_ANSWER} } }`,
        { ban, input: { name: 'Main', concurrentCalls: 10, monthlyMinutes: 100, ...input } },
        { by },
      ),
    changeTrunk: (id: string, changes: object, expectedVersion: number | null = null, by = 0) =>
      ask(
        `mutation ($id: ID!, $changes: TrunkChanges!, $expectedVersion: Int) {
          changeTrunk(id: $id, changes: $changes, expectedVersion: $expectedVersion) { ${TRUNK_ANSWER} } }`,
        { id, changes, expectedVersion },
        { by },
      ),
    moveTrunk: (verb: string, id: string, more = '') =>
      ask(`mutation { ${verb}Trunk(id: "${id}"${more}) { ${TRUNK_ANSWER} } }`),
    /** What was told since the last time this was asked, beside the audit. */
    told: (() => {
      let after = 0
      return async (): Promise<Told[]> => {
        const found = await rows(
          `select row_number() over (order by batch, place)::int as n, name, key, payload from events.recorded where name <> 'telephony.audit.written' order by batch, place`,
        )
        const fresh = found.slice(after)
        after = found.length
        return fresh.map(({ name, key, payload }) => ({ name, key, payload }))
      }
    })(),
    /** What was written down of a subject, oldest first. */
    audits: (subjectId: string) =>
      rows(
        `select action, who_id, diff from service.audit_log where subject_id = '${subjectId}' order by id`,
      ),
    /**
     * Takes news of customers in one transaction, as the follower does.
     * @param options.again they stand in the log where these many events less had been told: they are told again
     */
    take: async (events: readonly ReturnType<typeof event>[], { fails = false, again = 0 } = {}) => {
      const logged = events.map((each) => ({
        ...{ ...each, pos: ++position - again, orgId: DEMO },
        occurredAt: clock.now(),
      }))
      await test.database.transaction(DEMO, async (tx) => {
        await takeCustomers(tx, { orgId: DEMO, clock, sealNumber: undefined }, logged as never)
        if (fails) throw new Error('killed before it was kept')
      })
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
export type EstatesBed = Awaited<ReturnType<typeof estatesBed>>

const said = <N extends EventName>(name: N, key: string, payload: EventPayload<N>) =>
  event(name, key, payload)

/** That these accounts, and these companies, are a customer's. */
export const belong = (customerId: string, version: number, bans: string[], companies: string[] = []) =>
  said('customers.identity.changed', customerId, {
    ...{ customerId, identityVersion: version, mergedInto: null },
    accounts: [
      ...bans.map((accountId) => ({ system: 'WARP' as const, accountId, integrationId: null })),
      ...companies.map((accountId) => ({ system: 'HUBSPOT' as const, accountId, integrationId: 'portal' })),
    ],
  })

/** That a company in HubSpot has a credit limit, or none, since a second of a minute. */
export const owes = (
  companyId: string,
  customerId: string,
  amount: string | null,
  second: number,
  more: { ban?: string; currency?: string; deleted?: boolean; changedHere?: boolean } = {},
) => {
  const { currency = 'USD', deleted = false, ...rest } = more
  return said('customers.company.changed', companyId, {
    ...{
      customerId,
      integrationId: 'portal',
      companyId,
      name: 'Harbor Dental',
      domain: null,
      industry: null,
    },
    ...{
      lifecycleStage: null,
      ownerId: null,
      annualRevenue: null,
      lastActivityAt: null,
      changed: [],
      deleted,
    },
    creditLimit: amount === null ? null : { amount, currency },
    observedAt: new Date(Date.UTC(2026, 10, 1, 9, 0, second)).toISOString(),
    ...rest,
  })
}

/** That an onboarding waits for something. */
export const waits = (
  onboardingId: string,
  customerId: string,
  waitsFor: 'BILLING_ACCOUNT' | 'FIRST_TRUNK',
  ban: string | null = null,
) =>
  said('customers.onboarding.waiting', onboardingId, {
    ...{ onboardingId, customerId, waitsFor, ban, name: 'Harbor Dental', domain: 'harbor-dental.com' },
    observedAt: '2026-11-01T09:00:00.000Z',
  })
