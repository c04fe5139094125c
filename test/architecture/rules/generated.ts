/** Generated files are what their generators make of today's sources. */
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { run } from '../command.ts'
import { type Finding, type House, isGenerated, openHouse, repository, type Verdict } from '../house.ts'

/** Copies the tree without what is generated, so that a generator cannot pass by doing nothing. */
const copyOf = (house: House): string => {
  const copy = mkdtempSync(join(tmpdir(), 'tributary-generated-'))
  // A temporary folder is its owner's alone, but PostgreSQL runs as another user when we are root.
  chmodSync(copy, 0o755)
  for (const file of house.files.filter((path) => !isGenerated(path))) {
    cpSync(join(house.root, file), join(copy, file))
  }
  symlinkSync(join(repository, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

/** Runs `npm run generate` in a copy of the tree, which stays as it is, and compares. */
export const generated = async (house: House): Promise<Verdict> => {
  const { scripts } = JSON.parse(house.text('package.json')) as { scripts: { generate: string } }
  const copy = copyOf(house)
  try {
    const path = `PATH=${join(copy, 'node_modules/.bin')}${delimiter}$PATH`
    const { code, all } = await run('sh', ['-c', `${path}; ${scripts.generate}`], copy)
    if (code !== 0) {
      const tail = all.trim().split('\n').slice(-15).join('\n')
      return { findings: [{ where: 'npm run generate', says: `failed with code ${code}\n${tail}` }] }
    }
    const made = openHouse(copy).files.filter(isGenerated)
    const kept = house.files.filter(isGenerated)
    const says = 'is not what its generator makes: npm run generate, and commit the result'
    const findings: Finding[] = [...new Set([...made, ...kept])].sort().flatMap((file) => {
      if (!existsSync(join(copy, file))) return [{ where: file, says: 'no generator makes it: delete it' }]
      if (!kept.includes(file)) return [{ where: file, says }]
      return readFileSync(join(copy, file), 'utf8') === house.text(file) ? [] : [{ where: file, says }]
    })
    return { findings, note: `${made.length} files` }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}
