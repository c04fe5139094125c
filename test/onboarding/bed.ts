/** A portal, the customers and telephony subgraphs on it, and a mail server. */

import { sql } from 'kysely'
import { DEMO_TOKEN } from '#connectors/hubspot/simulator/index.ts'
import type { DB as TelephonyDB } from '#db/generated/telephony.ts'
import { startCustomers } from '#subgraphs/customers/index.ts'
import { startTelephony } from '#subgraphs/telephony/index.ts'
import { nameOf } from '#test/kit/business-names.ts'
import { customersBed, ORG, type SimRecord, TEST_KEY } from '#test/kit/customers.ts'
import { testDatabase } from '#test/kit/postgres.ts'
import { freePorts } from '#test/kit/processes.ts'
import { startSmtp } from '#test/kit/smtp.ts'
import { askSubgraph, NO_SIBLINGS, principal, startWith } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'

const STEPS =
  'id state stoppedBecause deal { id } customer { id name } steps { step state code message fix attempts }'
const CHANGED = `__typename ... on OnboardingChanged { onboarding { ${STEPS} } } ... on Refusal { code message }`
const SAVED =
  '__typename ... on OnboardingSettingsSaved { settings { version startsByItself sendsMail mailSubject } } ... on Stale { currentVersion } ... on Refusal { code message }'

export interface Shown {
  id: string
  state: string
  stoppedBecause: string | null
  deal: { id: string } | null
  customer: { id: string; name: string } | null
  steps: { step: string; state: string; code: string | null; message: string | null; attempts: number }[]
}

/** @param options.provides whether telephony opens accounts and trunks for onboardings by itself. Default: people do */
export const onboardingBed = async (
  options: { mail?: boolean; provides?: boolean; companies?: number } = {},
) => {
  await using stack = new AsyncDisposableStack()
  const bed = stack.use(await customersBed({ companies: options.companies ?? 40 }))
  const smtp = stack.use(await startSmtp())
  const telephonyBase = stack.use(await testDatabase<TelephonyDB>('telephony'))
  const [first, second] = [await freePorts(1), await freePorts(1)]
  const siblings = {
    ...NO_SIBLINGS,
    customers: `http://127.0.0.1:${first}`,
    telephony: `http://127.0.0.1:${second}`,
  }
  const telephony = stack.use(
    await startTelephony(
      startWith(telephonyBase.urls, { port: second, ...(options.provides ? { siblings } : {}) }),
    ),
  )
  const customers = stack.use(
    await startCustomers({
      ...startWith(bed.test.urls, { port: first, siblings }),
      encryptionKeys: [TEST_KEY],
      connect: { orgId: ORG, name: 'HubSpot', baseUrl: bed.portal.url, token: DEMO_TOKEN },
      limits: {},
      pollEveryMs: 0,
      ...(options.mail === false
        ? {}
        : { mail: { url: smtp.url, from: 'Tributary <hello@tributary.example>' } }),
    }),
  )
  const ask =
    (url: string | null) =>
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asked for
    async (query: string, variables: Record<string, unknown> = {}, caller = principal(ORG)): Promise<any> => {
      const { data, errors } = await askSubgraph(url, query, variables, caller)
      if (errors) throw new Error(JSON.stringify(errors))
      return Object.values(data)[0]
    }
  const graph = ask(customers.url)
  const phone = ask(telephony.url)
  const runs = () => bed.database.read(ORG, (tx) => tx.selectFrom('sync.runs').select('state').execute())
  await until(async () => (await runs()).some(({ state }) => state === 'COMPLETED'))
  const made = await graph(
    'mutation ($id: ID!) { provisionHubSpot(integrationId: $id) { __typename ... on HubSpotProvisioned { problems { message } } } }',
    { id: bed.integrationId },
  )
  if (made.__typename !== 'HubSpotProvisioned') throw new Error(JSON.stringify(made))

  /** Open deals of companies with a domain, each company once, with a contact each that has an address. */
  const deals = async (count: number) => {
    const { database, integrationId } = bed
    const rows = await database.read(ORG, (tx) =>
      tx
        .selectFrom('customers.deals as d')
        .innerJoin('customers.companies as c', (join) =>
          join
            .onRef('c.integration_id', '=', 'd.integration_id')
            .onRef('c.external_id', '=', 'd.company_external_id'),
        )
        .select([
          'd.id',
          'd.external_id as record',
          'c.external_id as company',
          'c.domain',
          'c.customer_id as customer',
        ])
        .where('d.integration_id', '=', integrationId)
        .where('c.match_domain', 'is not', null)
        .where('d.is_open', '=', true)
        .where(
          sql<boolean>`exists (select from customers.edges e join customers.contacts p on p.external_id = e.to_id
            where e.from_type = 'deals' and e.from_id = d.external_id and e.to_type = 'contacts' and p.email is not null)`,
        )
        .orderBy('d.id')
        .execute(),
    )
    const once = [...new Map(rows.map((row) => [row.company, row])).values()].slice(0, count)
    if (once.length < count) throw new Error(`the portal has only ${once.length} such deals`)
    return once
  }
  /** A deal's people who have an address, under it. */
  const people = async (deal: string): Promise<Map<string, SimRecord>> => {
    const all = await bed.records('deals', '&associations=contacts')
    const linked = all.find(({ id }) => id === deal)?.associations?.contacts ?? []
    const contacts = await bed.records('contacts')
    return new Map(
      contacts
        .filter(({ id, properties }) => properties.email && linked.some((link) => link.id === id))
        .map((person) => [person.properties.email!.toLowerCase(), person]),
    )
  }
  /** Has the portal say something of a deal, and the hub hear it. */
  const say = async (record: string, dealstage: string) => {
    await bed.sim('records/deals', { id: record, properties: { dealstage } })
    await bed.note('deals', [record])
  }
  const onboardingOf = async (customerId: string, caller = principal(ORG)): Promise<Shown | null> =>
    (
      await graph(
        `query ($id: ID!) { customer(id: $id) { onboarding { ${STEPS} } } }`,
        { id: customerId },
        caller,
      )
    )?.onboarding ?? null
  const stateOf = (shown: Shown | null, step: string) => {
    const found = shown?.steps.find((each) => each.step === step)
    return found ? [found.state, found.code] : undefined
  }
  const all = stack.move()
  return {
    ...bed,
    smtp,
    telephonyBase,
    graph,
    phone,
    deals,
    people,
    say,
    onboardingOf,
    onboardings: async (caller = principal(ORG)): Promise<Shown[]> =>
      (await graph(`{ onboardings { nodes { ${STEPS} } } }`, {}, caller)).nodes,
    /** Waits until a step stands so. */
    step: (customerId: string, step: string, state: string, code: string | null = null): Promise<Shown> =>
      until(async () => {
        const shown = await onboardingOf(customerId)
        const [held, why] = stateOf(shown, step) ?? []
        if (held === state && (code === null || why === code)) return shown as Shown
        throw new Error(JSON.stringify(shown))
      }),
    ended: (customerId: string, state: string): Promise<Shown> =>
      until(async () => {
        const shown = await onboardingOf(customerId)
        if (shown?.state === state) return shown
        throw new Error(JSON.stringify(shown))
      }),
    start: (customerId: string, caller = principal(ORG)) =>
      graph(
        `mutation ($id: ID!) { startOnboarding(customerId: $id) { ${CHANGED} } }`,
        { id: customerId },
        caller,
      ),
    retry: (id: string, step: string, caller = principal(ORG)) =>
      graph(
        `mutation ($id: ID!, $step: OnboardingStepName!) { retryOnboardingStep(onboardingId: $id, step: $step) { ${CHANGED} } }`,
        { id, step },
        caller,
      ),
    cancel: (id: string, caller = principal(ORG)) =>
      graph(`mutation ($id: ID!) { cancelOnboarding(onboardingId: $id) { ${CHANGED} } }`, { id }, caller),
    setMail: (expectedVersion: number, more: object = {}, caller = principal(ORG)) =>
      graph(
        `mutation ($expectedVersion: Int!, $sendsMail: Boolean!, $subject: String, $body: String) {
          setWelcomeMail(expectedVersion: $expectedVersion, sendsMail: $sendsMail, subject: $subject, body: $body) { ${SAVED} } }`,
        { expectedVersion, sendsMail: true, ...more },
        caller,
      ),
    setAuto: (expectedVersion: number, startsByItself: boolean) =>
      graph(
        `mutation ($expectedVersion: Int!, $startsByItself: Boolean!) {
          setAutoOnboarding(expectedVersion: $expectedVersion, startsByItself: $startsByItself) { ${SAVED} } }`,
        { expectedVersion, startsByItself },
      ),
    /** Opens a billing account of a company's domain at telephony. @returns its number */
    openAccount: async (domain: string | null): Promise<string> => {
      const input = {
        name: nameOf(domain, 'Nobody known'),
        domain,
        tier: 'GROWTH',
        mrr: '100',
        creditLimit: '1000',
        currency: 'USD',
      }
      const answer = await phone(
        'mutation ($input: BillingAccountInput!) { createBillingAccount(input: $input) { __typename ... on BillingAccountCreated { account { ban } } ... on Refusal { message } } }',
        { input },
      )
      if (!answer.account) throw new Error(JSON.stringify(answer))
      return answer.account.ban
    },
    /** Closes, suspends or reactivates a billing account. */
    moveAccount: async (verb: 'close' | 'suspend' | 'reactivate', ban: string) => {
      const reason = verb === 'suspend' ? ', reason: ON_REQUEST' : ''
      const answer = await phone(
        `mutation { ${verb}BillingAccount(ban: "${ban}"${reason}) { __typename ... on Refusal { message } } }`,
      )
      if (answer.message) throw new Error(answer.message)
    },
    /** What others were asked to provide, oldest first. */
    asked: async (): Promise<Record<string, unknown>[]> => {
      const rows = await bed.database.read(ORG, (tx) =>
        tx
          .selectFrom('events.event_log')
          .select('payload')
          .where('name', '=', 'customers.onboarding.waiting')
          .orderBy('pos')
          .execute(),
      )
      return rows.map(({ payload }) => payload as Record<string, unknown>)
    },
    makeTrunk: async (ban: string) => {
      const answer = await phone(
        'mutation ($ban: ID!, $input: TrunkInput!) { createTrunk(ban: $ban, input: $input) { __typename ... on Refusal { message } } }',
        {
          ban,
          input: { name: 'Main', ipAddresses: ['192.0.2.1'], concurrentCalls: 10, monthlyMinutes: 1000 },
        },
      )
      if (answer.message) throw new Error(answer.message)
    },
    /** Notes of the portal that speak of onboarding. */
    notes: async () =>
      (await bed.records('notes', '&associations=companies')).filter(({ properties }) =>
        properties.hs_note_body?.startsWith('Onboarding is complete'),
      ),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
export type OnboardingBed = Awaited<ReturnType<typeof onboardingBed>>
