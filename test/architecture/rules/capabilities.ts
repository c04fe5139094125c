/** docs/capabilities.md: one row per requirement, and every test it names is there and not skipped. */
import type { Finding, House, Verdict } from '../house.ts'
import { argumentsOf, HOLE, memberPath, places, textOf } from '../syntax.ts'

const page = 'docs/capabilities.md'

/** How many requirements each letter has; numbers are stable and start at 1. */
const requirements = { C: 44, I: 18, T: 22, N: 32, G: 33, U: 12, S: 19, O: 18 } as const

export interface Row {
  id: string
  works: string
  /** Empty when the row says "not yet". */
  tests: { file: string; title: string }[]
  /** What the last cell says when it is neither "not yet" nor a list of tests. */
  unclear?: string
  line: number
}

/** Reads the rows `| ID | what works | file › title |`; several tests are parted by `<br>`. A pipe in a title is `\|`. */
export const readRows = (text: string): Row[] =>
  text.split('\n').flatMap((line, index) => {
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'))
    const [, id = '', works = '', proof = ''] = cells
    if (!/^[A-Z]-\d+$/.test(id)) return []
    const row = { id, works, line: index + 1 }
    if (proof === 'not yet') return [{ ...row, tests: [] }]
    const tests = proof.split(/<br\s*\/?>/).map((test) => test.replaceAll('`', '').split(' › '))
    return tests.every((parts) => parts.length === 2 && parts.every((part) => part.trim() !== ''))
      ? [{ ...row, tests: tests.map(([file, title]) => ({ file: file!.trim(), title: title!.trim() })) }]
      : [{ ...row, tests: [], unclear: proof }]
  })

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** The titles of the tests of a file that run, computed parts standing for any text; skipped ones are not among them. */
const titlesOf = (source: string): RegExp[] =>
  [...places(source)].flatMap(({ node }) => {
    if (node.type !== 'CallExpression') return []
    // it(…), test(…), it.each(…)(…), it.skipIf(…)(…): the innermost callee carries the name.
    const callee = node.callee as { type: string; callee?: unknown }
    const name = memberPath(callee.type === 'CallExpression' ? callee.callee : callee) ?? ''
    if (!/^(it|test)(\.(each|for|concurrent|sequential|skipIf|runIf|fails))*$/.test(name)) return []
    const title = textOf(argumentsOf(node)[0])
    if (title === undefined) return []
    const pattern = title.split(HOLE).map((part) => escaped(part).replace(/%[sdifjo]|\\\$[\w.]+/g, '.*'))
    return [new RegExp(`^${pattern.join('.*')}$`)]
  })

export const capabilities = (house: House): Verdict => {
  if (!house.files.includes(page)) return { findings: [{ where: page, says: 'is missing' }] }
  const rows = readRows(house.text(page))
  const findings: Finding[] = []
  const ids = new Map<string, number>()
  for (const row of rows) ids.set(row.id, (ids.get(row.id) ?? 0) + 1)
  for (const [letter, count] of Object.entries(requirements)) {
    for (let number = 1; number <= count; number += 1) {
      const id = `${letter}-${String(number).padStart(2, '0')}`
      if (!ids.has(id)) findings.push({ where: page, says: `${id} has no row` })
      ids.set(id, (ids.get(id) ?? 1) - 1)
    }
  }
  for (const [id, surplus] of ids) {
    if (surplus > 0) findings.push({ where: page, says: `${id} has a row too many, or is no requirement` })
  }
  const titles = new Map<string, RegExp[]>()
  for (const row of rows) {
    const where = `${page}:${row.line}`
    if (row.works === '') findings.push({ where, says: `${row.id} does not say what works` })
    if (row.unclear !== undefined) {
      findings.push({ where, says: `${row.id}: "${row.unclear}" is neither "not yet" nor "file › title"` })
    }
    for (const { file, title } of row.tests) {
      if (!house.files.includes(file)) {
        findings.push({ where, says: `${row.id} names ${file}, which does not exist` })
        continue
      }
      const known = titles.get(file) ?? titlesOf(house.text(file))
      titles.set(file, known)
      if (!known.some((pattern) => pattern.test(title))) {
        findings.push({ where, says: `${row.id}: ${file} has no running test called "${title}"` })
      }
    }
  }
  const shown = rows.filter((row) => row.tests.length > 0).length
  return { findings, note: `${shown} of ${rows.length} requirements are shown by a test` }
}
