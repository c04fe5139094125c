/** What clients ask for: operations of the catalogue, each with variables of its own. */
import { loadManifest } from '../../operations/manifest.ts'

/** What an operation is given the nth time. */
type Variables = (id: string, n: number) => Record<string, unknown>

const ofCustomer: Variables = (id) => ({ id })
const ofPage: Variables = (id, n) => ({ id, first: 5 + (n % 15) })

/**
 * Reads of every part of the graph: single customers mostly, some lists, as a screen of a customer asks for them. All
 * variables are given: Hive's compiled documents refuse one that may not be null and is left to its default.
 */
const MIX: Readonly<Record<string, Variables>> = {
  Customer: ofCustomer,
  CustomerOverview: ofPage,
  CustomerHealth: ofCustomer,
  CustomerDeals: ofPage,
  CustomerTimeline: ofPage,
  CustomerGraph: (id, n) => ({ ...ofPage(id, n), depth: 1 }),
  CustomerNumbers: ofPage,
  CustomerMrr: ofCustomer,
  CustomerLeadScore: ofCustomer,
  CustomerActivities: ofPage,
  CustomerValue: ofCustomer,
  Stakeholders: ofPage,
  UnifiedCustomers: (_, n) => ({ first: 1 + (n % 20) }),
  Customers: (_, n) => ({ first: 1 + (n % 40), orderBy: 'NAME' }),
  Portfolio: (_, n) => ({ first: 1 + (n % 20) }),
  Insights: (_, n) => ({ first: 1 + (n % 20), orderBy: 'NEWEST' }),
}

export const OPERATIONS = Object.keys(MIX)

/**
 * Bodies of requests: every operation once for every customer, mixed, no two neighbours alike. Each brings its whole
 * text, as every gateway takes it.
 */
export const bodiesOf = (customers: readonly string[]): string[] => {
  const texts = new Map(loadManifest().operations.map(({ name, text }) => [name, text]))
  const bodies: string[] = []
  for (const at of customers.keys())
    for (const [place, [operationName, variables]] of Object.entries(MIX).entries()) {
      const query = texts.get(operationName)
      if (!query) throw new Error(`The catalogue has no operation ${operationName}.`)
      // Another customer for each operation of a round: neighbours share nothing.
      const id = customers[(at + place * 37) % customers.length]!
      bodies.push(JSON.stringify({ query, operationName, variables: variables(id, at) }))
    }
  return bodies
}
