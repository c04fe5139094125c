import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { controlOf } from '#test/kit/simulator.ts'
import type { Page } from './portal.ts'

// In a process of its own, as `npm start` runs it: this one's memory would say nothing.
const SERVER = `
import { DEMO_TOKEN, startHubSpotSimulator } from '#connectors/hubspot/simulator/index.ts'
import { systemClock } from '#kernel/clock.ts'
const simulator = await startHubSpotSimulator({ port: 0, companies: 20_000, clock: systemClock })
console.log(simulator.url, DEMO_TOKEN)
process.on('SIGUSR2', () => { globalThis.gc(); console.log(process.memoryUsage().rss) })
`

it('serves 20,000 companies and all that hangs on them in less than 350 MB', async () => {
  const server = spawn(
    process.execPath,
    ['--expose-gc', '--input-type=module-typescript', '--eval', SERVER],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  try {
    const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]()
    const [url, token] = String((await lines.next()).value).split(' ')
    const headers = { authorization: `Bearer ${token}` }
    const sim = controlOf(String(url))
    await sim('limits', 'off')
    await sim('records/contacts', { touch: 20_000 })
    let after: string | undefined
    let seen = 0
    do {
      const from = after === undefined ? '' : `&after=${after}`
      const path = `/crm/v3/objects/companies?limit=100&associations=contacts&associations=deals${from}`
      const page = (await (await fetch(`${url}${path}`, { headers })).json()) as Page
      seen += page.results.length
      after = page.paging?.next?.after
    } while (after !== undefined)
    expect(seen).toBe(20_000)
    server.kill('SIGUSR2')
    const bytes = Number((await lines.next()).value)
    expect(bytes).toBeGreaterThan(10_000_000)
    expect(bytes).toBeLessThan(350_000_000)
  } finally {
    server.kill('SIGKILL')
  }
})
