import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { REPOSITORY } from '#test/kit/hub.ts'

interface Rule {
  alert: string
  expr: string
  labels: { severity: string }
  annotations: { summary: string; look: string }
}

it('asks only for measures and labels that the hub shows, and says where to read what to do', async () => {
  const doc = (name: string) => readFile(join(REPOSITORY, 'docs', name), 'utf8')
  const { groups } = parse(await doc('alert-rules.yaml')) as { groups: { rules: Rule[] }[] }
  const rules = groups.flatMap((group) => group.rules)
  expect(rules.length).toBeGreaterThan(10)
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
  const shown = new Map(
    [...(await doc('observability.md')).matchAll(/^\| `(hub_\w+)` \| ([\w, ]*) \|/gm)].map(
      ([, name, labels]) => [name, (labels ?? '').split(', ').filter(Boolean)],
    ),
  )
  const headings = [...(await doc('operating.md')).matchAll(/^## (.+)$/gm)].map(
    ([, title]) => `operating.md#${title?.toLowerCase().replaceAll(' ', '-')}`,
  )
  for (const { alert, expr, labels, annotations } of rules) {
    expect(expr.split('(').length, alert).toBe(expr.split(')').length)
    const asked = [...expr.matchAll(/hub_[a-z_]+/g)].map(([name]) => name.replace(/_count$/, ''))
    expect(asked.length, alert).toBeGreaterThan(0)
    const known = asked.flatMap((name) => {
      expect(shown.has(name), `${alert}: ${name}`).toBe(true)
      return shown.get(name) ?? []
    })
    const by = [...expr.matchAll(/(?:by|on) \(([^)]+)\)/g)].flatMap(([, list]) => list?.split(', ') ?? [])
    const within = [...expr.matchAll(/\{(\w+)[=~!]/g)].map(([, label]) => label ?? '')
    const said = [...annotations.summary.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label ?? '')
    for (const label of [...by, ...within, ...said]) expect(known, `${alert}: ${label}`).toContain(label)
    expect(['page', 'ticket'], alert).toContain(labels.severity)
    expect(headings, alert).toContain(annotations.look)
  }
})
