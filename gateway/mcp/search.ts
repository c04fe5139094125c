import MiniSearch from 'minisearch'
import type { Operation } from '#operations/manifest.ts'
import type { Tool } from '#operations/tools.ts'

/** Finds operations by what they are for. */
export type FindTools = (text: string, most: number, mayUse: (tool: Tool) => boolean) => Tool[]

/** Words of a name, a title and a sentence that say nothing of what is meant. */
const EMPTY_WORDS = new Set('a an and are by i in is it me of on or our the to we with'.split(' '))

/** Opens the search over tools and the sentences that mean them. */
export const openSearch = (tools: readonly Tool[], operations: readonly Operation[]): FindTools => {
  const intents = new Map(operations.map((operation) => [operation.name, operation.intents.join('\n')]))
  const index = new MiniSearch({
    idField: 'name',
    fields: ['name', 'words', 'title', 'description', 'intents'],
    processTerm: (term) => {
      const word = term.toLowerCase()
      return EMPTY_WORDS.has(word) ? null : word.length > 3 ? word.replace(/s$/, '') : word
    },
    searchOptions: { boost: { name: 4, title: 3, intents: 2, words: 2 }, prefix: true, fuzzy: 0.2 },
  })
  const byName = new Map(tools.map((tool) => [tool.name, tool]))
  index.addAll(
    tools.map(({ name, title, description }) => ({
      ...{ name, title, description },
      words: name.replace(/(?<=[a-z\d])(?=[A-Z])/g, ' '),
      intents: intents.get(name) ?? '',
    })),
  )
  return (text, most, mayUse) =>
    index
      .search(text)
      .map(({ id }) => byName.get(id as string)!)
      .filter(mayUse)
      .slice(0, most)
}
