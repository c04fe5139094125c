import { once } from 'node:events'
import { chmod, chown, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startServer } from '#db/server.ts'
import { silentLog } from '#test/kit/log.ts'
import { temporaryDirectory } from '#test/kit/postgres.ts'
import { quickestDirectory, THROWAWAY } from '#test/kit/server.ts'
import { until } from '#test/kit/until.ts'
import { ask, holder, postmasterPid } from './holders.ts'

const settings = THROWAWAY
const directory = async () => temporaryDirectory(await quickestDirectory())
const start = (home: string) => startServer({ home, log: silentLog, settings })
/** Whether a process is over; one that only waits for its parent to notice is. */
const isGone = async (pid: number): Promise<boolean> => {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (status) return status.split(') ')[1]?.[0] === 'Z'
  try {
    return !process.kill(pid, 0)
  } catch {
    return true
  }
}
/** PostgreSQL takes its pid file away, which whoever stops it waits for, before it is over. */
const gone = (pid: number) => until(() => isGone(pid))

it('keeps data, password and port over a stop and a start', async () => {
  await using home = await directory()
  let url = ''
  {
    await using server = await start(home.path)
    url = server.url
    await ask(url, 'create table kept as select 7 as n')
  }
  await expect(ask(url, 'select 1')).rejects.toThrow()
  await using again = await start(home.path)
  expect(again.url).toBe(url)
  expect(await ask(again.url, 'select n from kept')).toEqual([{ n: 7 }])
})

it('keeps its password for itself and listens on this machine only', async () => {
  await using home = await directory()
  await using server = await start(home.path)
  expect((await stat(join(home.path, 'postgres.password'))).mode & 0o777).toBe(0o600)
  expect(await ask(server.url, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }])
  const wrong = new URL(server.url)
  wrong.password = 'wrong'
  await expect(ask(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' })
})

it('two starters at once share one server, and the last to leave stops it', async () => {
  await using home = await directory()
  await using first = holder({ home: home.path, settings })
  await using second = holder({ home: home.path, settings })
  const [one, two] = await Promise.all([first.url, second.url])
  expect(one).toBe(two)
  const pid = (await postmasterPid(join(home.path, 'postgres')))!
  await first.leave()
  expect(await ask(two, 'select 1 as n')).toEqual([{ n: 1 }])
  await second.leave()
  await gone(pid)
})

it('outlives the kill of the process that started it, and is adopted and stopped by the next', async () => {
  await using home = await directory()
  const first = holder({ home: home.path, settings })
  const url = await first.url
  const pid = (await postmasterPid(join(home.path, 'postgres')))!
  await first.kill()
  expect(await ask(url, 'select 1 as n')).toEqual([{ n: 1 }])
  {
    await using next = await start(home.path)
    expect(next.url).toBe(url)
    expect(await postmasterPid(join(home.path, 'postgres'))).toBe(pid)
  }
  await gone(pid)
})

it('a killed user of the server does not keep it running', async () => {
  await using home = await directory()
  const killed = holder({ home: home.path, settings })
  await killed.url
  const pid = (await postmasterPid(join(home.path, 'postgres')))!
  {
    await using _other = await start(home.path)
    await killed.kill()
  }
  await gone(pid)
})

describe('recovers', () => {
  it('when PostgreSQL is killed under a process that uses it', async () => {
    await using home = await directory()
    await using server = await start(home.path)
    await ask(server.url, 'create table kept as select 7 as n')
    process.kill((await postmasterPid(join(home.path, 'postgres')))!, 'SIGKILL')
    await until(async () => (await ask(server.url, 'select n from kept'))[0]?.n === 7)
  })

  it('when PostgreSQL was killed before the next start', async () => {
    await using home = await directory()
    await using first = await startServer({ home: home.path, log: silentLog, settings, watch: false })
    await ask(first.url, 'create table kept as select 7 as n')
    process.kill((await postmasterPid(join(home.path, 'postgres')))!, 'SIGKILL')
    await using again = await start(home.path)
    expect(await ask(again.url, 'select n from kept')).toEqual([{ n: 7 }])
  })

  it('when the pid it left behind now belongs to somebody else', async () => {
    await using home = await directory()
    const data = join(home.path, 'postgres')
    let file = ''
    {
      await using _server = await start(home.path)
      file = await readFile(join(data, 'postmaster.pid'), 'utf8')
    }
    await writeFile(join(data, 'postmaster.pid'), file.replace(/^\d+/, String(process.pid)))
    await using again = await start(home.path)
    expect(await ask(again.url, 'select 1 as n')).toEqual([{ n: 1 }])
  })

  it('when its port has been taken meanwhile', async () => {
    await using home = await directory()
    let url = ''
    {
      await using server = await start(home.path)
      url = server.url
    }
    const taken = createServer().listen(Number(new URL(url).port), '127.0.0.1')
    await once(taken, 'listening')
    try {
      await using again = await start(home.path)
      expect(new URL(again.url).port).not.toBe(new URL(url).port)
      expect(await ask(again.url, 'select 1 as n')).toEqual([{ n: 1 }])
    } finally {
      taken.close()
    }
  })

  it('when its first start was cut short', async () => {
    await using home = await directory()
    const data = join(home.path, 'postgres')
    const cut = holder({ home: home.path, settings })
    await until(async () => (await readdir(home.path)).some((name) => name.startsWith('postgres.new-')))
    await cut.kill()
    expect(await postmasterPid(data)).toBeUndefined()
    await using server = await start(home.path)
    expect(await ask(server.url, 'select 1 as n')).toEqual([{ n: 1 }])
  })
})

describe('says in one sentence what is wrong when', () => {
  it('the home is no directory', async () => {
    await using home = await directory()
    const file = join(home.path, 'file')
    await writeFile(file, '')
    await expect(start(file)).rejects.toMatchObject({
      code: 'HUB_HOME_UNUSABLE',
      message: `The data directory ${file} is not a directory. Make it a directory that this user may read and write, or set TRIBUTARY_HOME to another one.`,
    })
  })

  it('the password was lost', async () => {
    await using home = await directory()
    await using server = await start(home.path)
    expect(server.url).toContain('127.0.0.1')
    await writeFile(join(home.path, 'postgres.password'), 'another')
    await expect(start(home.path)).rejects.toThrow(/does not take the password.*postgres\.password/)
  })

  it('a setting is wrong', async () => {
    await using home = await directory()
    const wrong = startServer({ home: home.path, log: silentLog, settings: ['shared_buffers=nonsense'] })
    await expect(wrong).rejects.toThrow(/did not start .*shared_buffers.*postgres\.log/s)
  })
})

describe.runIf(process.getuid?.() === 0)('users', () => {
  const NOBODY = { uid: 65_534, gid: 65_534 }

  it('root may run it in a directory that others cannot enter', async () => {
    await using closed = await directory()
    await using outside = await directory()
    await chmod(closed.path, 0o700)
    const options = { home: join(closed.path, 'home'), rootsPlace: outside.path, settings, log: silentLog }
    let url = ''
    {
      await using server = await startServer(options)
      url = server.url
      await ask(url, 'create table kept as select 7 as n')
    }
    await using again = await startServer(options)
    expect(again.url).toBe(url)
    expect(await ask(again.url, 'select n from kept')).toEqual([{ n: 7 }])
  })

  it('a home made anew under the name of a deleted one starts empty', async () => {
    await using closed = await directory()
    await using outside = await directory()
    await chmod(closed.path, 0o700)
    const options = { home: join(closed.path, 'home'), rootsPlace: outside.path, settings, log: silentLog }
    {
      await using server = await startServer(options)
      await ask(server.url, 'create table kept as select 7 as n')
    }
    await rm(options.home, { recursive: true })
    await using server = await startServer(options)
    expect(await ask(server.url, "select to_regclass('kept') as at")).toEqual([{ at: null }])
  })

  it('an ordinary user may run it, all in his home', async () => {
    await using home = await directory()
    await chown(home.path, NOBODY.uid, NOBODY.gid)
    await using theirs = holder({ home: home.path, settings }, { as: NOBODY })
    expect(await ask(await theirs.url, 'select 1 as n')).toEqual([{ n: 1 }])
    expect((await stat(join(home.path, 'postgres'))).uid).toBe(NOBODY.uid)
  })

  it('an ordinary user hears which directory is closed to him', async () => {
    await using home = await directory()
    const closed = join(home.path, 'home')
    await using theirs = holder({ home: closed, settings }, { as: NOBODY })
    await expect(theirs.url).rejects.toThrow(`The data directory ${closed} cannot be read and written`)
  })

  it('an ordinary user hears that the data is another user’s', async () => {
    await using home = await directory()
    {
      await using _server = await start(home.path)
    }
    await chmod(home.path, 0o777)
    await using theirs = holder({ home: home.path, settings }, { as: NOBODY })
    await expect(theirs.url).rejects.toThrow(/The data directory .* cannot be /)
  })
})
