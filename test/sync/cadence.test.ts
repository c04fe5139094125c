import { expect, it } from 'vitest'
import { type Cadence, lastSlot, minuteOfNight, nextSlot } from '#sync/cadence.ts'

const at = (text: string) => new Date(text)
const next = (cadence: Cadence, from: string) => nextSlot(cadence, at(from)).toISOString()
const last = (cadence: Cadence, from: string) => lastSlot(cadence, at(from)).toISOString()
const berlin = (dailyMinute: number) => ({ dailyMinute, timeZone: 'Europe/Berlin' })

it('finds the same slots whenever it begins to look', () => {
  const five = { everyMs: 300_000 }
  expect(next(five, '2026-03-01T10:02:03Z')).toBe('2026-03-01T10:05:00.000Z')
  expect(next(five, '2026-03-01T10:05:00Z')).toBe('2026-03-01T10:10:00.000Z')
  expect(last(five, '2026-03-01T10:05:00Z')).toBe('2026-03-01T10:05:00.000Z')
  expect(last(five, '2026-03-01T10:04:59Z')).toBe('2026-03-01T10:00:00.000Z')
})

it('keeps to the clock on the wall of a zone, one slot a day, also when clocks change', () => {
  expect(next(berlin(150), '2026-01-10T12:00:00Z')).toBe('2026-01-11T01:30:00.000Z')
  expect(next(berlin(150), '2026-07-10T12:00:00Z')).toBe('2026-07-11T00:30:00.000Z')
  // Half past two is left out on the 29th of March, and comes twice on the 25th of October.
  expect(next(berlin(150), '2026-03-28T12:00:00Z')).toBe('2026-03-29T01:30:00.000Z')
  expect(next(berlin(150), '2026-03-29T01:30:00Z')).toBe('2026-03-30T00:30:00.000Z')
  expect(next(berlin(150), '2026-10-24T12:00:00Z')).toBe('2026-10-25T00:30:00.000Z')
  expect(next(berlin(150), '2026-10-25T00:30:00Z')).toBe('2026-10-26T01:30:00.000Z')
  expect(last(berlin(150), '2026-10-25T01:45:00Z')).toBe('2026-10-25T00:30:00.000Z')
})

it.each(['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Asia/Kolkata', 'America/St_Johns', 'UTC'])(
  'has one slot on each day of a year in %s, in order',
  (timeZone) => {
    const cadence = { dailyMinute: 135, timeZone }
    let slot = nextSlot(cadence, at('2026-01-01T00:00:00Z'))
    const from = slot
    for (let day = 0; day < 365; day++) {
      expect(lastSlot(cadence, slot)).toEqual(slot)
      const following = nextSlot(cadence, slot)
      expect(lastSlot(cadence, new Date(following.getTime() - 1))).toEqual(slot)
      slot = following
    }
    expect(Math.round((slot.getTime() - from.getTime()) / 86_400_000)).toBe(365)
  },
)

it('spreads connections over the hour from two to three', () => {
  const minutes = Array.from({ length: 500 }, (_, n) => minuteOfNight(`01a1fd18-946d-7eab-be5a-${n}`))
  expect(Math.min(...minutes)).toBeGreaterThanOrEqual(120)
  expect(Math.max(...minutes)).toBeLessThan(180)
  expect(new Set(minutes).size).toBeGreaterThan(40)
})
