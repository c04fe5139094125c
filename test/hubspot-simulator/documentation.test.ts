import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { DEFAULT_BEHAVIOUR } from '#connectors/hubspot/simulator/behaviour.ts'
import { TRIGGERS } from '#connectors/hubspot/simulator/vendor.ts'
import { NO_MISHAPS } from '#connectors/simulator/mishaps.ts'
import { openPortal } from './portal.ts'

const page = readFileSync('docs/hubspot-simulator.md', 'utf8')

it('has every setting, mishap and trigger on its page', () => {
  for (const name of [...Object.keys(DEFAULT_BEHAVIOUR), ...Object.keys(NO_MISHAPS), ...TRIGGERS])
    expect(page).toContain(`\`${name}\``)
})

it('answers every control call on its page', async () => {
  await using portal = await openPortal()
  const calls = [...page.matchAll(/^\| `(GET|POST) \/_sim\/?([^`]*)`/gm)]
  expect(calls.length).toBeGreaterThan(12)
  for (const [, method, path] of calls) {
    const named = path!.replace('{type}', 'companies')
    const body = method === 'GET' ? undefined : named.startsWith('properties') ? { name: 'city' } : {}
    await portal.sim(named, body, method)
  }
})
