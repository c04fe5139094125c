import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { EventLog } from '#events/log.ts'
import { publish } from '#events/outbox.ts'
import { catalogue, type EventName, event, readEvent } from '#schema/events.ts'
import { silentLog } from '#test/kit/log.ts'
import { until } from '#test/kit/until.ts'
import { ACME, startSource } from './source.ts'

/** One recorded payload per event and version: `<event>@<version>.json`. They are added to and never edited. */
const fixtures = new URL('./fixtures/', import.meta.url)
const recorded = readdirSync(fixtures).map((file) => {
  const [, name, version] = /^(.+)@(\d+)\.json$/.exec(file) ?? []
  return {
    file,
    name: name as EventName,
    version: Number(version),
    payload: JSON.parse(readFileSync(new URL(file, fixtures), 'utf8')) as Record<string, unknown>,
  }
})
const known = Object.entries(catalogue).flatMap(([name, { version }]) =>
  Array.from({ length: version }, (_, i) => `${name}@${i + 1}.json`),
)

it('has a recorded payload of every version of every event, and of no other', () => {
  expect(recorded.map(({ file }) => file).sort()).toEqual(known.sort())
})

it.each(recorded)('still reads $file', ({ name, version, payload }) => {
  const read = readEvent(name, version, payload)
  // Of the newest version every field is recorded and none is dropped.
  if (version === catalogue[name].version) expect(read).toEqual(payload)
  expect(event(name, 'key', read).payload).toEqual(read)
})

it('refuses a version newer than this code, and a payload that lacks what it promises', () => {
  for (const { name, version, payload } of recorded) {
    expect(() => readEvent(name, catalogue[name].version + 1, payload)).toThrow(/newer/)
    expect(() => readEvent(name, version, {})).toThrow()
  }
})

it('carries every recorded payload through outbox and log unchanged', async () => {
  await using source = await startSource()
  await using log = new EventLog({ database: source.database, log: silentLog })
  const events = recorded.map(({ name, version, payload }) => ({ name, version, payload, key: 'k' }))
  await source.database.transaction(ACME, (tx) => publish(tx, ACME, events, source.clock.now()))
  await until(async () => (await log.bounds()).head === events.length)
  const read = await log.read({ after: 0, limit: 1000 })
  expect(read.map(({ name, version, payload }) => ({ name, version, payload, key: 'k' }))).toEqual(events)
})
