/** Fills the demo organisation with something of every kind, so that whoever may not see it can be shown to see nothing. */
import { systemClock } from '#kernel/clock.ts'
import type { Samples } from '../kit/probes.ts'
import { controlOf } from '../kit/simulator.ts'
import { DEMO } from '../kit/subgraph.ts'
import { until } from '../kit/until.ts'
import type { WholeHub } from '../kit/whole-hub.ts'
import { outsideSamples, samplesOf } from './samples.ts'
import {
  LEVEL_TRACE,
  leaveBilling,
  leaveC3Traces,
  leaveChurn,
  leaveConversation,
  leaveEnrichment,
  leaveInsights,
  leaveRegistrations,
  leaveTraces,
  TRACES,
} from './traces.ts'

export interface FullDemo {
  /** An id of each type of entity. */
  keys: Record<string, string>
  /** Texts that only the demo organisation's data holds: ids, names, numbers. */
  secrets: string[]
  /** Arguments with which every root field finds something of it. */
  samples: Samples
}

/** Leaves something of every kind in the demo organisation of a hub that has synced. */
export const fillDemo = async (hub: WholeHub): Promise<FullDemo> => {
  const opened = await hub.ask(/* GraphQL */ `
    mutation {
      createBillingAccount(
        input: { ban: "PROBE-1", name: "Probe Telephony", domain: "probe-telephony.example", trunks: [{ name: "Probe trunk", ipAddresses: ["198.51.100.1"], concurrentCalls: 5, monthlyMinutes: 10 }], numbers: [{ number: "+13035550100" }] }
      ) { ... on BillingAccountCreated { account { trunks { nodes { id } } numbers { nodes { id } } } } }
      addMember(personId: "probe", name: "Somebody", roles: [READONLY]) { ... on MemberAdded { member { id } } }
      createApiKey(name: "probe", scopes: ["customers:read"]) { ... on ApiKeyCreated { apiKey { id } } }
      createPartnerWebhook(input: { name: "Probe partner", url: "https://partner.example/hooks", events: [SYNC_CANCELLED] }) {
        ... on PartnerWebhookCreated { webhook { id } }
      }
      setCreditPerCall(perCall: "17.3141") { __typename }
      setInsightsSettings(expectedVersion: 1, changes: { health: { weights: { crm: "17.3141", payment: "1", usage: "1", support: "1" } } }) {
        ... on InsightsSettingsSet { recompute { requestedAt } }
      }
    }`)
  const soon = new Date(systemClock.now().getTime() + 3_600_000).toISOString()
  await hub.ask(
    'mutation ($area: String!, $until: DateTime!) { setLogLevel(area: $area, level: WARN, until: $until) { __typename } }',
    { area: LEVEL_TRACE, until: soon },
  )
  await hub.ask(
    `mutation ($trunkId: ID!, $at: DateTime!) { reportActiveCalls(readings: [{ trunkId: $trunkId, at: $at, activeCalls: 5 }]) { __typename } }`,
    {
      trunkId: opened.data.createBillingAccount.account.trunks.nodes[0].id,
      at: systemClock.now().toISOString(),
    },
  )
  const { data } = await hub.ask(/* GraphQL */ `
    {
      customers(first: 5) { nodes { id name owner { id } contacts { nodes { id email } } deals { nodes { id name } } tickets { nodes { id } } } }
      tasks(first: 1) { nodes { id } }
      customersWithNotes: customers(first: 20) { nodes { notes(first: 1) { nodes { id } } } }
      renewals(window: { from: "2020-01-01", to: "2040-01-01" }, first: 1) { nodes { id } }
      rfqs(first: 5) { nodes { id number account { id } } }
      stock(first: 5) { nodes { id c3StockId } }
      components(first: 1) { nodes { id partNumber } }
      suppliers(first: 1) { nodes { id name } }
      transactions(first: 1) { nodes { id } }
      integrations { id system syncRuns { nodes { id } } }
    }`)
  const integrationOf = (system: string) =>
    data.integrations.find((one: { system: string }) => one.system === system)
  await leaveTraces(hub, integrationOf('HUBSPOT').id)
  const registered = await leaveRegistrations(hub.ask, 'PROBE-1')
  await leaveC3Traces(hub, integrationOf('C3').id)
  await leaveChurn(hub)
  await leaveEnrichment(hub, data.customers.nodes[0].id)
  const { planId, invoiceId } = await leaveBilling(hub, 'PROBE-1')
  const contested = await hub.ask('{ conflicts { nodes { id } } c3Conflicts { nodes { id } } }')
  const c3Plans = (await hub.ask('{ c3SyncPlans { nodes { id runId } } }')).data.c3SyncPlans.nodes
  const plans = (await hub.ask('{ syncPlans { nodes { id } } }')).data.syncPlans.nodes
  const customers = data.customers.nodes
  const begun = await hub.ask(
    `mutation ($id: ID!) {
      startOnboarding(customerId: $id) { ... on OnboardingChanged { onboarding { id } } }
      setWelcomeMail(expectedVersion: 1, sendsMail: false, subject: "Probe welcome") { __typename }
      setGoldenRules(expectedVersion: 1, rules: [{ field: CITY, choose: MOST_SAID, systems: [WARP] }]) {
        ... on GoldenRulesSet { goldenRules { progress { startedAt } } } }
    }`,
    { id: customers[0].id },
  )
  const provisioning = await hub.ask(
    'query ($id: ID!) { planProvisioning(integrationId: $id) { ... on ProvisioningPlan { hash } } }',
    { id: integrationOf('HUBSPOT').id },
  )
  const given = await hub.ask(
    `mutation ($id: ID!) { giveRecommendations(input: { rfqId: $id, recommendations: [{ kind: PRICING, partNumber: "Probe part", price: "1.25", reasoning: "Probe" }] }) {
      ... on RecommendationsPushed { recommendations { id } } } }`,
    { id: data.rfqs.nodes[0].id },
  )
  const onboardingId = begun.data.startOnboarding.onboarding.id
  const first = <T>(lists: T[][]): T => lists.flat()[0] as T
  // Found once the accounts have come.
  const candidate = await until(async () => {
    const asked = await hub.ask(
      `query ($of: ID!) { identityCandidates(filter: { states: [LINKED] }, first: 1) { nodes { id } }
        explainMatch(a: { system: WARP, accountId: "PROBE-1" }, b: { system: C3, accountId: $of }) { score } }`,
      { of: data.rfqs.nodes[0].account.id },
    )
    return asked.data.explainMatch && (asked.data.identityCandidates.nodes[0] as { id: string } | undefined)
  })
  const keys: Record<string, string> = {
    Customer: customers[0].id,
    Contact: first(
      customers.map((c: { contacts: { nodes: { id: string }[] } }) => c.contacts.nodes.map((n) => n.id)),
    ),
    Deal: first(customers.map((c: { deals: { nodes: { id: string }[] } }) => c.deals.nodes.map((n) => n.id))),
    Ticket: first(
      customers.map((c: { tickets: { nodes: { id: string }[] } }) => c.tickets.nodes.map((n) => n.id)),
    ),
    Task: data.tasks.nodes[0].id,
    Note: first(
      data.customersWithNotes.nodes.map((c: { notes: { nodes: { id: string }[] } }) =>
        c.notes.nodes.map((n) => n.id),
      ),
    ),
    Owner: first(customers.map((c: { owner: { id: string } | null }) => (c.owner ? [c.owner.id] : []))),
    Rfq: data.rfqs.nodes[0].id,
    C3Account: data.rfqs.nodes[0].account.id,
    StockItem: data.stock.nodes[0].id,
    Component: data.components.nodes[0].id,
    Supplier: data.suppliers.nodes[0].id,
    Transaction: data.transactions.nodes[0].id,
    Recommendation: given.data.giveRecommendations.recommendations[0].id,
    BillingAccount: 'PROBE-1',
    Trunk: opened.data.createBillingAccount.account.trunks.nodes[0].id,
    PhoneNumber: opened.data.createBillingAccount.account.numbers.nodes[0].id,
    HubSpotIntegration: integrationOf('HUBSPOT').id,
    C3Integration: integrationOf('C3').id,
    Member: opened.data.addMember.member.id,
    ApiKey: opened.data.createApiKey.apiKey.id,
    Conversation: await leaveConversation(hub, customers[0].name),
    PartnerWebhook: opened.data.createPartnerWebhook.webhook.id,
    Organisation: DEMO,
    SyncRun: integrationOf('HUBSPOT').syncRuns.nodes[0].id,
    SyncPlan: plans[0].id,
    IdentityCandidate: candidate.id,
    Insight: await leaveInsights(hub, customers[0].id),
    Conflict: contested.data.conflicts.nodes[0].id,
    C3Conflict: contested.data.c3Conflicts.nodes[0].id,
    C3Plan: c3Plans[0].id,
    C3Run: c3Plans[0].runId,
  }
  const portal = controlOf(hub.simulators.hubspot)
  const { results } = await portal<{ results: { id: string }[] }>('records/companies')
  const secrets: string[] = [
    ...Object.values(keys),
    ...[planId, invoiceId],
    ...results.map((company) => company.id),
    ...customers.flatMap((c: { name: string; contacts: { nodes: { email: string | null }[] } }) => [
      c.name,
      ...c.contacts.nodes.flatMap((n) => (n.email ? [n.email] : [])),
    ]),
    data.renewals.nodes[0].id,
    ...data.rfqs.nodes.map((r: { number: string }) => r.number),
    ...TRACES,
    provisioning.data.planProvisioning.hash,
    onboardingId,
    begun.data.setGoldenRules.goldenRules.progress.startedAt,
    data.suppliers.nodes[0].name,
    ...['Probe welcome', 'Probe partner'],
    // Of what was noticed: its rule, what it says, and what confidence promised of those that somebody has judged.
    ...['probe-detector', 'Probe noticed.', '23.7'],
    'Probe Telephony',
    'Probe trunk',
    ...['Probe carrier', 'Probe brand', 'BPROBE900', 'Probe campaign', '+13035550190'],
    ...Object.values(registered),
    '+13035550100',
    '17.3141',
    opened.data.setInsightsSettings.recompute.requestedAt,
  ]
  const facts = await until(async () => {
    const asked = 'query ($id: ID!) { signals(customerId: $id) { nodes { recordId } } }'
    const { nodes } = (await hub.ask(asked, { id: keys.Customer })).data.signals
    return nodes.length > 0 ? (nodes as { recordId: string }[]) : undefined
  })
  secrets.push(...facts.map(({ recordId }) => recordId))
  const left = { planId, invoiceId, registered, onboardingId }
  const named = await hub.ask(
    `query ($contact: ID!, $deal: ID!, $ticket: ID!, $rfq: ID!) { rfq(id: $rfq) { c3RfqId }
      contact(id: $contact) { hubspotContactId } deal(id: $deal) { hubspotDealId } ticket(id: $ticket) { hubspotTicketId } }`,
    { contact: keys.Contact, deal: keys.Deal, ticket: keys.Ticket, rfq: keys.Rfq },
  )
  const { contact, deal, ticket, rfq } = named.data
  const samples: Samples = {
    ...outsideSamples({
      ...{ company: results[0]!.id, contact: contact.hubspotContactId },
      ...{ deal: deal.hubspotDealId, ticket: ticket.hubspotTicketId },
    }),
    ...samplesOf(keys, { ...left, partNumber: data.components.nodes[0].partNumber }),
    'CustomerInsights.companyId': results[0]!.id,
    'rfqByExternalId.system': 'C3',
    'rfqByExternalId.value': rfq.c3RfqId,
  }
  return { keys, secrets, samples }
}
