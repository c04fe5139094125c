import { afterAll, beforeAll, expect, it } from 'vitest'
import { type AlertsBed, alertsBed, MINUTE_MS } from './bed.ts'

let bed: AlertsBed
beforeAll(async () => {
  bed = await alertsBed()
})
afterAll(() => bed[Symbol.asyncDispose]())

const firstOf = async (ban: string) =>
  (await bed.ask('query ($ban: ID!) { billingAccount(ban: $ban) { firstCallAt } }', { ban })).firstCallAt
const minutesAgo = (minutes: number) => new Date(bed.clock.now().getTime() - minutes * MINUTE_MS)

it('tells of an account’s first call that was answered, once, whoever brings it and however often', async () => {
  const { ban, trunks } = bed.accounts[0]!
  const [one, two] = trunks as [string, string]
  const call = (id: string, trunkId: string, minutes: number, answered = true) => ({
    ...{ id, trunkId, kind: 'CALL', answered, seconds: answered ? 5 : 0 },
    startedAt: minutesAgo(minutes).toISOString(),
  })
  await bed.post([call('busy', one, 50, false), { ...call('text', one, 49), kind: 'MESSAGE', seconds: 0 }])
  expect(await firstOf(ban)).toBeNull()
  const lines = [call('b', two, 9), call('a', one, 12), call('c', one, 3)]
  await Promise.all([bed.post(lines), bed.post([...lines].reverse()), bed.post(lines)])
  expect(await bed.told('call.first')).toMatchObject([
    { ban, trunkId: one, calledAt: minutesAgo(12).toISOString(), observedAt: bed.clock.now().toISOString() },
  ])
  expect(await firstOf(ban)).toBe(minutesAgo(12).toISOString())
  expect(await firstOf(bed.accounts[1]!.ban)).toBeNull()
})

it('tells nothing again when an earlier call comes late', async () => {
  const { ban, trunks } = bed.accounts[0]!
  const before = await firstOf(ban)
  await bed.calls(trunks[0]!, 1, { at: minutesAgo(600) })
  await bed.calls(bed.accounts[1]!.trunks[0]!, 2, { at: minutesAgo(600) })
  expect((await bed.told('call.first')).map((one) => one.ban)).toEqual([ban, bed.accounts[1]!.ban])
  expect(await firstOf(ban)).toBe(before)
})
