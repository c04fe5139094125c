/** `npm run check`: every rule of the house on the real tree. `npm run check -- imports sdl` runs only those named. */
import { openHouse, type Rule, type Verdict } from './house.ts'
import { breaking } from './rules/breaking.ts'
import { testTime } from './rules/budget.ts'
import { capabilities } from './rules/capabilities.ts'
import { compose } from './rules/compose.ts'
import { environmentExample, lock, scripts } from './rules/delivery.ts'
import { generated } from './rules/generated.ts'
import { imports } from './rules/imports.ts'
import { fileSize, kernelBudget, names, neutralFloors, roomNames } from './rules/layout.ts'
import { decisions, migrations, readme, sdl } from './rules/promises.ts'
import { documents, environmentAccess, honesty, machineTime, personal, sqlTime } from './rules/source.ts'
import { biome, types } from './rules/tools.ts'

/** Rules that start a process come first and run two at a time: the machine may have two cores only. */
export const rules: Record<string, Rule> = {
  generated,
  types,
  imports,
  biome,
  names,
  'room names': roomNames,
  'kernel budget': kernelBudget,
  'neutral floors': neutralFloors,
  'file size': fileSize,
  'environment access': environmentAccess,
  'machine time': machineTime,
  'sql time': sqlTime,
  documents,
  honesty,
  'personal data': personal,
  sdl,
  migrations,
  decisions,
  readme,
  breaking,
  capabilities,
  'environment example': environmentExample,
  compose,
  lock,
  scripts,
}

const shown = 25

const print = (name: string, { findings, note }: Verdict, ms: number): void => {
  const mark = findings.length === 0 ? '✓' : '✗'
  console.log(`${mark} ${name.padEnd(20)} ${(ms / 1000).toFixed(1).padStart(5)} s  ${note ?? ''}`)
  for (const { where, says } of findings.slice(0, shown)) console.log(`    ${where}: ${says}`)
  if (findings.length > shown) console.log(`    … and ${findings.length - shown} more`)
}

/** Runs one rule; a rule that throws is a rule that does not hold. */
const judge = async (name: string, rule: () => Verdict | Promise<Verdict>): Promise<boolean> => {
  const start = performance.now()
  let verdict: Verdict
  try {
    verdict = await rule()
  } catch (error) {
    verdict = {
      findings: [
        { where: name, says: error instanceof Error ? (error.stack ?? error.message) : String(error) },
      ],
    }
  }
  print(name, verdict, performance.now() - start)
  return verdict.findings.length === 0
}

const main = async (wanted: readonly string[]): Promise<number> => {
  const start = performance.now()
  const house = openHouse()
  const unknown = wanted.filter((name) => !rules[name])
  if (unknown.length > 0) {
    console.error(`No rule is called ${unknown.join(', ')}. There are: ${Object.keys(rules).join(', ')}`)
    return 1
  }
  const queue = Object.entries(rules).filter(([name]) => wanted.length === 0 || wanted.includes(name))
  let broken = 0
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [name, rule] = next
      if (!(await judge(name, () => rule(house)))) broken += 1
    }
  }
  await Promise.all([worker(), worker()])
  if (wanted.length === 0 && !(await judge('test time', () => testTime(house, performance.now() - start))))
    broken += 1
  console.log(
    broken === 0 ? 'Every rule holds.' : `${broken} ${broken === 1 ? 'rule does' : 'rules do'} not hold.`,
  )
  return broken === 0 ? 0 : 1
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
