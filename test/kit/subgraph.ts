import { inject } from 'vitest'
import type { DatabaseUrls, Subgraph } from '#db/databases.ts'
import { type Clock, systemClock } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { PRINCIPAL_HEADER, type Principal, type PrincipalSeal, principalSeal } from '#kernel/principal.ts'
import type { StartOptions } from '#service/start.ts'
import { silentLog } from './log.ts'

export const SHARED_SECRET = 'the secret that the processes of a hub under test share'
export const DEMO = '00000000-0000-4000-8000-000000000001'
export const EMPTY = '00000000-0000-4000-8000-000000000002'
export const TEST_KEY = 'a'.repeat(64)

const NOWHERE = 'http://127.0.0.1:9'
/** Addresses where nobody answers, for subgraphs whose siblings are not part of the test. */
export const NO_SIBLINGS: Record<Subgraph, string> = {
  customers: NOWHERE,
  inventory: NOWHERE,
  telephony: NOWHERE,
  insights: NOWHERE,
  hub: NOWHERE,
}

/** What a subgraph under test is started with: any port, API and worker in one. */
export const startWith = (urls: DatabaseUrls, options: Partial<StartOptions> = {}): StartOptions => ({
  urls,
  port: 0,
  seal: principalSeal(SHARED_SECRET, options.clock ?? systemClock),
  siblings: NO_SIBLINGS,
  clock: systemClock,
  log: silentLog,
  api: true,
  worker: true,
  ...options,
})

export const principal = (orgId = DEMO, ...scopes: string[]): Principal => ({
  kind: 'user',
  id: 'user:test',
  orgId,
  scopes: scopes.length > 0 ? scopes : ['*'],
})

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asked for
  data: any
  errors?: { message: string; path?: (string | number)[]; extensions?: Record<string, unknown> }[]
  // biome-ignore lint/suspicious/noExplicitAny: as above
  extensions?: any
}

/** Asks a subgraph as the gateway would, on behalf of a caller. */
export const askSubgraph = async (
  url: string | null,
  query: string,
  variables: Record<string, unknown> = {},
  caller: Principal = principal(),
  seal: PrincipalSeal = principalSeal(SHARED_SECRET, systemClock),
): Promise<Answer> => {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [PRINCIPAL_HEADER]: await seal.sign(caller) },
    body: JSON.stringify({ query, variables }),
  })
  return (await response.json()) as Answer
}

export type { Clock, Log }
export const serverUrl = (): string => inject('adminUrl')
