import { expect } from 'vitest'
import type { DatabaseUrls } from '#db/databases.ts'
import type { Principal } from '#kernel/principal.ts'
import type { StartOptions } from '#service/start.ts'
import { type CustomersOptions, startCustomers } from '#subgraphs/customers/index.ts'
import { ORG, TEST_KEY } from './customers.ts'
import { askSubgraph, principal, startWith } from './subgraph.ts'

/**
 * The customers subgraph over a bed's database, to be asked.
 * @param options whatever is to be otherwise: nobody works in the background unless they say so
 */
export const graphOf = async (
  { urls }: { urls: DatabaseUrls },
  options: Partial<StartOptions & CustomersOptions> = {},
) => {
  const statements: string[] = []
  const onStatement = (text: string) => void statements.push(text)
  const running = await startCustomers({
    ...startWith(urls, { worker: false, onStatement, ...options }),
    ...{ encryptionKeys: [TEST_KEY], limits: {}, ...options },
  })
  return {
    url: running.url,
    /** What it has sent to its database, in order. */
    statements,
    /** What it answers to a question that nothing is wrong with. */
    ask: async (query: string, variables: object = {}, caller: Principal = principal(ORG)) => {
      const answer = await askSubgraph(running.url, query, { ...variables }, caller)
      expect(answer.errors).toBeUndefined()
      return answer.data
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  }
}
