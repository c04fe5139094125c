import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run } from './command.ts'
import { openHouse, plant } from './house.ts'

const real = openHouse()
const report = { numPassedTests: 3, numFailedTests: 0, success: true, testResults: [] as object[] }
const brokenFile = { name: 'a.test.ts', status: 'failed', message: 'cannot import', assertionResults: [] }

const tally = async (text?: object) => {
  using house = plant({
    'tally.mjs': real.text('.ci/tally.mjs'),
    ...(text && { 'tests.json': JSON.stringify(text) }),
  })
  return await run(process.execPath, ['tally.mjs', 'tests.json'], house.root)
}

/** A project whose check and tests are these shell commands, with our own .ci in it. */
const project = (check: string, test: string) => {
  const house = plant({
    '.ci/run': real.text('.ci/run'),
    '.ci/tally.mjs': real.text('.ci/tally.mjs'),
    'package.json': JSON.stringify({ scripts: { check, test } }),
    'good.json': JSON.stringify(report),
    '.tributary/tests.json': JSON.stringify({ ...report, numPassedTests: 99 }),
  })
  chmodSync(join(house.root, '.ci/run'), 0o755)
  return house
}

const lastLine = (out: string): string => out.trim().split('\n').at(-1)!

describe('the tally', () => {
  it('ends with the numbers of the report and passes only when all passed', async () => {
    expect(await tally(report)).toMatchObject({ code: 0, out: '3 passed, 0 failed\n' })
    expect(await tally({ ...report, numFailedTests: 2, success: false })).toMatchObject({
      code: 1,
      out: '3 passed, 2 failed\n',
    })
  })

  it('counts a file that broke before its first test as failed', async () => {
    const { code, out } = await tally({ ...report, success: false, testResults: [brokenFile] })
    expect({ code, last: lastLine(out) }).toEqual({ code: 1, last: '3 passed, 1 failed' })
  })

  it('fails on an error outside of the tests, on no tests and on no report', async () => {
    expect((await tally({ ...report, success: false })).code).toBe(1)
    expect((await tally({ ...report, numPassedTests: 0 })).code).toBe(1)
    const none = await tally()
    expect({ code: none.code, last: lastLine(none.out) }).toEqual({ code: 1, last: '0 passed, 0 failed' })
  })
})

describe('.ci/run', () => {
  it('runs the checks, then the tests, and ends with the tally', async () => {
    using house = project('echo checked', 'echo tested && cp good.json .tributary/tests.json')
    const { code, out } = await run(join(house.root, '.ci/run'), [], house.root)
    expect({ code, last: lastLine(out) }).toEqual({ code: 0, last: '3 passed, 0 failed' })
    expect(out.indexOf('\nchecked')).toBeLessThan(out.indexOf('\ntested'))
  })

  it('fails when a check fails, and still tells what the tests say', async () => {
    using house = project('exit 1', 'cp good.json .tributary/tests.json')
    const { code, out } = await run(join(house.root, '.ci/run'), [], house.root)
    expect({ code, last: lastLine(out) }).toEqual({ code: 1, last: '3 passed, 0 failed' })
  })

  it('never counts the report of an earlier run', async () => {
    using house = project('true', 'exit 1')
    const { code, out } = await run(join(house.root, '.ci/run'), [], house.root)
    expect({ code, last: lastLine(out) }).toEqual({ code: 1, last: '0 passed, 0 failed' })
  })
})
