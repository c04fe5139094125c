import type { HubSpot } from '#connectors/hubspot/index.ts'
import type { Source, SourcePage, SourceRecord, SourceType } from '#sync/source.ts'
import type { Target } from '#sync/target.ts'
import { type InclusionRule, listedTypes, propertiesOfRules, takesPart } from '../domain/settings.ts'

/** How the rules about who takes part are kept while a portal is read. */
export interface Part {
  /** The properties to read, with those that rules look at. */
  properties(known: Readonly<Record<string, string[]>>): Record<string, string[]>
  /** The source, asking along which lists records are in where a rule wants to know: one request per hundred. */
  asked(source: Source): Source
  takesPart: Target['takesPart']
}

/** Rules as the reading of a portal keeps them. */
export const partOf = (hubspot: HubSpot, rules: readonly InclusionRule[]): Part => {
  const listed = listedTypes(rules)
  const lists = new Map<string, string[]>()
  const ask = async (type: string, records: readonly SourceRecord[]) => {
    const found = await hubspot.lists(
      type,
      records.map((record) => record.externalId),
    )
    for (const [id, held] of found) lists.set(`${type} ${id}`, held)
  }
  const askedPages = async function* (
    type: string,
    pages: AsyncIterable<SourcePage>,
  ): AsyncGenerator<SourcePage> {
    for await (const page of pages) {
      await ask(type, page.records)
      yield page
    }
  }
  const askedType = (type: SourceType): SourceType => {
    const { changes, read } = type
    return {
      ...type,
      list: (after) => askedPages(type.type, type.list(after)),
      ...(changes ? { changes: (from) => askedPages(type.type, changes(from)) } : {}),
      ...(read
        ? {
            read: async (ids) => {
              const found = await read(ids)
              await ask(type.type, found.records)
              return found
            },
          }
        : {}),
    }
  }
  return {
    properties: (known) =>
      Object.fromEntries(
        Object.entries(known).map(([type, names]) => [
          type,
          [...new Set([...names, ...propertiesOfRules(rules, type)])],
        ]),
      ),
    asked: (source) => ({
      ...source,
      types: source.types.map((type) => (listed.has(type.type) ? askedType(type) : type)),
    }),
    takesPart:
      rules.length === 0
        ? undefined
        : (type, { externalId, values }) =>
            takesPart(rules, type, values, lists.get(`${type} ${externalId}`)),
  }
}
