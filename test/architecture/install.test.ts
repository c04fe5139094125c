import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run } from './command.ts'
import { openHouse, plant } from './house.ts'

const goodInstall = `
mkdirSync('node_modules/.bin', { recursive: true })
copyFileSync('package-lock.json', 'node_modules/.package-lock.json')
writeFileSync('node_modules/.bin/node', '')`

/** A tree with install.mjs and a stand-in for npm that writes down how it was called, then does what it is given. */
const bare = (installs: string) =>
  plant(
    {
      'install.mjs': openHouse().text('install.mjs'),
      'package.json': '{"type":"module"}',
      'package-lock.json': JSON.stringify({
        packages: {
          '': {},
          'node_modules/a': { version: '1.0.0' },
          'node_modules/for-another-platform': { version: '1.0.0', optional: true },
        },
      }),
      'npm-cli.js': `
import { appendFileSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n')
console.log('npm chatters on stdout')
${installs}`,
    },
    { packages: false },
  )

const install = (root: string) =>
  run('env', [`npm_execpath=${join(root, 'npm-cli.js')}`, process.execPath, 'install.mjs'], root)

const calls = (root: string): number =>
  existsSync(join(root, 'calls')) ? readFileSync(join(root, 'calls'), 'utf8').trim().split('\n').length : 0

describe('install', () => {
  it('runs npm ci on a fresh clone, and not again once everything is there', async () => {
    using house = bare(goodInstall)
    const first = await install(house.root)
    expect(first).toMatchObject({ code: 0, all: expect.stringContaining('nothing is installed yet') })
    expect(readFileSync(join(house.root, 'calls'), 'utf8')).toMatch(/^ci --include=dev /)
    const second = await install(house.root)
    expect(second).toMatchObject({ code: 0, all: '' })
    expect(calls(house.root)).toBe(1)
  })

  it('keeps stdout clean, so that a printed token stays one', async () => {
    using house = bare(goodInstall)
    expect(await install(house.root)).toMatchObject({ out: '', all: expect.stringContaining('npm chatters') })
  })

  it('installs again when the lock has moved, when an install was interrupted and when the pinned Node is gone', async () => {
    using house = bare(goodInstall)
    await install(house.root)
    const lock = join(house.root, 'package-lock.json')
    writeFileSync(lock, readFileSync(lock, 'utf8').replace('"1.0.0"', '"2.0.0"'))
    expect((await install(house.root)).all).toContain('node_modules/a is not at the version of the lock')
    rmSync(join(house.root, 'node_modules/.package-lock.json'))
    expect((await install(house.root)).all).toContain('nothing is installed yet')
    rmSync(join(house.root, 'node_modules/.bin/node'))
    expect((await install(house.root)).all).toContain('the pinned Node is missing')
    expect(calls(house.root)).toBe(4)
  })

  it('does not ask for optional packages of other platforms', async () => {
    using house = bare(goodInstall)
    await install(house.root)
    const hidden = join(house.root, 'node_modules/.package-lock.json')
    writeFileSync(hidden, JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }))
    expect(await install(house.root)).toMatchObject({ code: 0, all: '' })
  })

  it('stops with one clear line when npm fails, and when npm skipped the install scripts', async () => {
    using failing = bare('process.exitCode = 7')
    expect(await install(failing.root)).toMatchObject({
      code: 1,
      all: expect.stringContaining('npm ci failed with code 7. Fix what it says above'),
    })
    using skipping = bare(goodInstall.replace(/writeFileSync.*/, ''))
    expect(await install(skipping.root)).toMatchObject({
      code: 1,
      all: expect.stringContaining(
        'the pinned Node is missing. If your npm is set to ignore install scripts',
      ),
    })
  })

  it('runs before every script of package.json', () => {
    const { scripts } = JSON.parse(openHouse().text('package.json')) as { scripts: Record<string, string> }
    const own = Object.keys(scripts).filter((name) => !(name.startsWith('pre') && scripts[name.slice(3)]))
    expect(own.filter((name) => scripts[`pre${name}`] !== 'node install.mjs')).toEqual([])
    expect(own.filter((name) => !scripts[name]!.startsWith('node_modules/.bin/node '))).toEqual([])
  })
})
