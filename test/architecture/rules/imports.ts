/** Import directions: runs dependency-cruiser with the law of `.dependency-cruiser.mjs`. */
import { join } from 'node:path'
import { runInstalled } from '../command.ts'
import { type House, repository, type Verdict } from '../house.ts'

interface Violation {
  rule: { name: string }
  from: string
  to: string
  comment?: string
}

interface CruiseResult {
  modules: { source: string; dependencies: unknown[] }[]
  summary: { violations: Violation[]; ruleSetUsed: { forbidden: { name: string; comment?: string }[] } }
}

const sources = /\.(ts|tsx)$/

/** Fails for each forbidden edge, and when the cruiser has not seen every source that is there. */
export const imports = async (house: House): Promise<Verdict> => {
  const law = join(repository, '.dependency-cruiser.mjs')
  const ours = house.files.filter((file) => sources.test(file) && !file.startsWith('bench/'))
  const tops = [
    ...new Set(house.files.filter((file) => sources.test(file)).map((file) => file.split('/')[0]!)),
  ]
  const { out, all } = await runInstalled(
    'dependency-cruiser/bin/dependency-cruiser.mjs',
    ['--config', law, '--output-type', 'json', ...tops],
    house.root,
  )
  if (!out.startsWith('{')) return { findings: [{ where: '.dependency-cruiser.mjs', says: all.trim() }] }
  const { modules, summary } = JSON.parse(out) as CruiseResult

  // A parser that understands nothing reports no violation either: every source must have been seen, with its edges.
  const seen = new Set(modules.map((module) => module.source))
  const edges = modules.reduce((sum, module) => sum + module.dependencies.length, 0)
  const unseen = ours.filter((file) => !seen.has(file))
  const blind = unseen.length > 0 || (ours.length > 1 && edges === 0)
  const teach = new Map(summary.ruleSetUsed.forbidden.map(({ name, comment }) => [name, comment]))
  return {
    findings: [
      ...(blind
        ? [{ where: unseen[0] ?? '.', says: `the cruiser saw ${seen.size} modules and ${edges} edges only` }]
        : []),
      ...summary.violations.map(({ rule, from, to }) => ({
        where: `${from} → ${to}`,
        says: `[${rule.name}] ${teach.get(rule.name) ?? ''}`,
      })),
    ],
    note: `${ours.length} modules, ${edges} edges`,
  }
}
