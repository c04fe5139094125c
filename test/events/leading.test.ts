import { expect, it } from 'vitest'
import { whileLeading } from '#events/leadership.ts'
import { recordingLog } from '#test/kit/log.ts'
import { until } from '#test/kit/until.ts'
import { startSource } from './source.ts'

it('a sibling that is not there yet is no news; one that stays away is told of once', async () => {
  await using source = await startSource()
  const { log, lines } = recordingLog()
  const stop = new AbortController()
  const told = () => lines.filter(({ msg }) => msg === 'gave up the lead').map(({ level }) => level)
  const running = whileLeading(
    { database: source.database, name: 'tested', log, signal: stop.signal, longAwayMs: 200 },
    async () => {
      throw new Error('not there')
    },
  )
  try {
    await until(() => told().includes(40))
    const before = told().length
    await until(() => told().length > before)
    expect(told()[0]).toBe(30)
    expect(told().filter((level) => level === 40)).toHaveLength(1)
  } finally {
    stop.abort()
    await running
  }
})
