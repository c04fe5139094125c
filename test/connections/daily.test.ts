import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { until } from '#test/kit/until.ts'
import { connectionsBed } from './bed.ts'

it('fault 18: a sync that meets the daily limit parks until the account’s midnight, asks for nothing before, and says what is left', async () => {
  await using bed = await connectionsBed()
  const id = await bed.connect()
  await bed.settled()
  const [row] = await bed.integrations()
  const body = {
    status: 'error',
    message: 'You have reached your daily limit.',
    errorType: 'RATE_LIMIT',
    policyName: 'DAILY',
    correlationId: '00000000-0000-4000-8000-00000000dddd',
  }
  await bed.sim('faults', {
    list: [{ path: 'objects/', times: 1, play: { do: 'status', status: 429, body } }],
  })
  await bed.rest('POST', '/api/integrations/hubspot/sync', { integrationId: id })
  const parked = await until(async () => {
    const run = (await bed.runs()).at(-1)
    return run?.not_before && run.lease_until === null && run
  })
  expect(parked.state).toBe('RUNNING')
  const hour = new Intl.DateTimeFormat('en-GB', { timeZone: row?.time_zone ?? 'UTC', timeStyle: 'medium' })
  expect(hour.format(parked.not_before as Date)).toBe('00:00:00')
  await bed.forgetJournal()
  await wait(2500)
  expect((await bed.journal()).entries).toEqual([])
  const { data } = await bed.ask('{ hubspotIntegrations { nodes { rateBudget { bucket bannedUntil } } } }')
  const [{ rateBudget }] = data.hubspotIntegrations.nodes
  expect(rateBudget.map((one: { bucket: string }) => one.bucket)).toContain('burst')
  // A place in the window is asked for a moment later than the ban was told.
  const midnight = parked.not_before?.getTime() ?? 0
  const ends = rateBudget.map((one: { bannedUntil: string }) =>
    Math.abs(Date.parse(one.bannedUntil) - midnight),
  )
  expect(Math.max(...ends)).toBeLessThan(5_000)
})
