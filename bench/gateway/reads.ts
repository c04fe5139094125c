/** Everything of the catalogue that can be read by what its lists show. */
import { Kind, parse, valueFromASTUntyped } from 'graphql'
import { systemClock } from '../../kernel/clock.ts'
import { loadManifest, type Operation } from '../../operations/manifest.ts'

/** Asks for an operation of the catalogue. @returns its data */
export type AskData = (operation: string, variables: object) => Promise<unknown>

/** An operation and what it is asked with. */
export interface Read {
  operation: string
  text: string
  variables: Record<string, unknown>
}

const DAY_MS = 86_400_000
/** What is tried out without being done, and what sentences mean, is asked with drafts that no list holds. */
const OF_DRAFTS = /^(Preview|Simulate|Plan|Interpret)/
const LISTED = 20

/** Where ids of what a variable names are listed. */
const SLOTS: Readonly<Record<string, { list: string; root: string; field: string }>> = {
  customer: { list: 'Customers', root: 'customers', field: 'id' },
  deal: { list: 'Deals', root: 'deals', field: 'id' },
  trunk: { list: 'Trunks', root: 'trunks', field: 'id' },
  rfq: { list: 'Rfqs', root: 'rfqs', field: 'id' },
  'billing account': { list: 'BillingAccounts', root: 'billingAccounts', field: 'ban' },
  'phone number': { list: 'Numbers', root: 'numbers', field: 'e164' },
  'part number': { list: 'Components', root: 'components', field: 'partNumber' },
}

/**
 * Reads of the catalogue with ids that the hub shows, each operation in `ways` ways. What needs an id that no list shows is
 * left out. All variables with a default are given: other gateways' compiled documents refuse one that is left to it.
 */
export const readsOf = async (ask: AskData, ways: number): Promise<Read[]> => {
  const ids = new Map<string, string[]>()
  for (const [slot, { list, root, field }] of Object.entries(SLOTS)) {
    const data = (await ask(list, { first: LISTED })) as Record<string, { nodes: Record<string, string>[] }>
    const nodes = data[root]?.nodes ?? []
    ids.set(
      slot,
      nodes.flatMap((node) => node[field] ?? []),
    )
  }
  const days = (count: number) =>
    new Date((Math.floor(systemClock.now().getTime() / DAY_MS) + count) * DAY_MS).toISOString()
  const required = ({ slot, type, name }: Operation['variables'][number], way: number): unknown => {
    const known = slot ? ids.get(slot) : undefined
    if (known) return known[way % known.length]
    if (type !== 'DateTime!') return undefined
    return name === 'from' ? days(-30) : days(0)
  }
  return loadManifest()
    .operations.filter(({ kind, name }) => kind === 'query' && !OF_DRAFTS.test(name))
    .flatMap(({ name, text, variables }) =>
      Array.from({ length: ways }, (_, way) => {
        const sent = defaultsOf(text)
        for (const variable of variables) {
          if (variable.required) sent[variable.name] = required(variable, way)
          else if (variable.name === 'first') sent.first = 3 + 4 * way
        }
        return { operation: name, text, variables: sent }
      }),
    )
    .filter(({ variables }) => Object.values(variables).every((value) => value !== undefined))
}

const defaultsOf = (text: string): Record<string, unknown> =>
  Object.fromEntries(
    parse(text).definitions.flatMap((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION
        ? (definition.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
            defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)]] : [],
          )
        : [],
    ),
  )
