import type { TestProject } from 'vitest/node'
import { sweepServers, testServer } from './server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser's connection string of the PostgreSQL server that serves the whole run. */
    adminUrl: string
  }
}

/** Starts the one PostgreSQL server of a test run, in a directory that is gone afterwards. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  await sweepServers()
  const server = await testServer()
  project.provide('adminUrl', server.url)
  return async () => {
    await server[Symbol.asyncDispose]()
  }
}
