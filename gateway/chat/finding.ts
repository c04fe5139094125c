/** Looks up what names stand for, by operations of the catalogue and with the caller's own rights. */
import { parsePhoneNumberFromString } from 'libphonenumber-js'
import type { Candidate, Find } from '#chat/contract.ts'
import { nearness } from '#chat/nearness.ts'
import { Unavailable } from '#kernel/errors.ts'
import type { Operation } from '#operations/manifest.ts'
import type { Executor, RequestContext } from '../execute.ts'

type Row = Record<string, unknown>

interface Search {
  operation: string
  variables(words: string): Record<string, unknown>
  /** The id and the name of a row. */
  read(row: Row): readonly [id: unknown, label: unknown]
  /** Whether words can be such a name at all. */
  fits?(words: string): boolean
}

const MOST = 5
const MOST_OF_FEW = 100
const hasDigit = (words: string): boolean => /\d/.test(words)
const SEARCHES: Readonly<Record<string, Search>> = {
  customer: {
    operation: 'Customers',
    variables: (text) => ({ filter: { text }, first: MOST }),
    read: ({ id, name }) => [id, name],
  },
  trunk: {
    operation: 'Trunks',
    variables: (search) => ({ filter: { search }, first: MOST }),
    read: ({ id, name }) => [id, name],
  },
  'part number': {
    operation: 'Components',
    variables: (search) => ({ search, first: MOST }),
    read: ({ partNumber }) => [partNumber, partNumber],
    fits: hasDigit,
  },
  'billing account': {
    operation: 'BillingAccounts',
    variables: (search) => ({ filter: { search }, first: MOST }),
    read: ({ ban }) => [ban, ban],
    fits: hasDigit,
  },
  rfq: {
    operation: 'Rfqs',
    variables: (number) => ({ filter: { number }, first: MOST }),
    read: ({ id, number }) => [id, number],
    fits: hasDigit,
  },
  deal: {
    operation: 'Deals',
    variables: (name) => ({ name, first: MOST }),
    read: ({ id, name }) => [id, name],
  },
  person: {
    operation: 'Owners',
    variables: (search) => ({ search, first: MOST }),
    read: ({ id, name }) => [id, name],
  },
  // Of these there are so few that all are looked through.
  'rate plan': {
    operation: 'RatePlans',
    variables: () => ({ first: MOST_OF_FEW }),
    read: ({ id, name }) => [id, name],
  },
  'API key': {
    operation: 'Keys',
    variables: () => ({ filter: { state: 'ACTIVE' }, first: MOST_OF_FEW }),
    read: ({ id, name }) => [id, name],
  },
  connection: {
    operation: 'Integrations',
    variables: () => ({ runs: 1 }),
    read: ({ id, name }) => [id, name],
  },
  'partner webhook': {
    operation: 'PartnerWebhooks',
    variables: () => ({}),
    read: ({ id, name }) => [id, name],
  },
}

/** Numbers without a country are read as American ones. */
const phone = (words: string): Candidate[] => {
  const number = parsePhoneNumberFromString(words, 'US')
  return number?.isValid() ? [{ id: number.number, label: number.number, nearness: 1 }] : []
}

/** Opens the look-ups of one caller. @throws HUB_UNAVAILABLE when a part that keeps the names does not answer */
export const finder = (
  executor: Executor,
  operations: ReadonlyMap<string, Operation>,
  context: RequestContext,
): Find => {
  const asked = new Map<string, Promise<Candidate[]>>()
  const look = async (kind: string, words: string): Promise<Candidate[]> => {
    if (kind === 'phone number') return phone(words)
    const search = SEARCHES[kind]
    const operation = search && operations.get(search.operation)
    if (!operation || search.fits?.(words) === false) return []
    const ask = { query: operation.text, operationName: operation.name, variables: search.variables(words) }
    const { data, errors } = await executor.run(ask, context)
    if (errors?.some(({ extensions }) => extensions?.code === 'HUB_UNAVAILABLE'))
      throw Unavailable.with({ what: 'Looking up names' })
    const found = data?.[operation.roots[0] as string] as { nodes?: Row[] } | Row[] | null | undefined
    const rows = Array.isArray(found) ? found : (found?.nodes ?? [])
    return rows
      .flatMap((row) => {
        const [id, label] = search.read(row)
        return typeof id === 'string' && typeof label === 'string'
          ? [{ id, label, nearness: nearness(words, label) }]
          : []
      })
      .sort((a, b) => b.nearness - a.nearness)
  }
  return (kind, words) => {
    const key = `${kind}\n${words.toLowerCase()}`
    const there = asked.get(key) ?? look(kind, words)
    asked.set(key, there)
    return there
  }
}
