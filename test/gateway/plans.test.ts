import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { QueryPlan } from '@apollo/query-planner'
import { parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { loadSnapshot } from '#gateway/supergraph/snapshot.ts'

const sdl = readFileSync(join(import.meta.dirname, '../../schema/generated/supergraph.graphql'), 'utf8')
const nobody = { ask: async () => ({ data: null }) }
const parts = ['customers', 'inventory', 'telephony', 'insights', 'hub']
const snapshot = loadSnapshot(sdl, Object.fromEntries(parts.map((name) => [name, nobody])))

type Node = NonNullable<QueryPlan['node']> | undefined
/** The fetches of a plan, level by level: what is asked at the same time stands in one list. */
const levels = (node: Node): string[][] => {
  if (!node) return []
  if (node.kind === 'Fetch') return [[node.serviceName]]
  if (node.kind === 'Flatten') return levels(node.node)
  if (node.kind === 'Sequence') return node.nodes.flatMap(levels)
  if (node.kind === 'Subscription') return [...levels(node.primary), ...levels(node.rest)]
  if (node.kind === 'Condition') return [...levels(node.ifClause), ...levels(node.elseClause)]
  if (node.kind !== 'Parallel') throw new Error(`unexpected ${node.kind}`)
  const inner = node.nodes.map(levels)
  const depth = Math.max(...inner.map((l) => l.length))
  return Array.from({ length: depth }, (_, i) => inner.flatMap((l) => l[i] ?? []).sort())
}
const plan = (query: string) => levels(snapshot.plan({ document: parse(query) }, query).node)

describe('a plan asks each part once per level', () => {
  it.each([
    [
      '{ customers(first: 50) { nodes { rfqs(first: 5) { nodes { number } } health { score } trunks { nodes { name } } } } }',
      [['customers'], ['insights', 'inventory', 'telephony']],
    ],
    [
      `{ customers(first: 50, orderBy: HEALTH) { totalCount nodes { name deals(open: true) { nodes { amount { amount } } }
        rfqs { nodes { number account { customer { id } } } } billingAccounts { ban mrr { amount } } health { score recomputing }
        trunks { nodes { name account { ban } } } } } }`,
      [['customers'], ['insights', 'inventory', 'telephony'], ['customers']],
    ],
    [
      'subscription { healthChanged { score customer { name trunks { nodes { name } } rfqs { nodes { number } } deals { nodes { id } } } } }',
      [['insights'], ['customers'], ['inventory', 'telephony']],
    ],
    [
      '{ rfq(id: 1) { number account { customer { name health { score } trunks { nodes { name } } } } } }',
      [['inventory'], ['customers'], ['insights', 'telephony']],
    ],
    [
      '{ trunk(id: 1) { name account { mrr { amount } customer { name health { score } rfqs { nodes { number } } } } } }',
      [['telephony'], ['customers'], ['insights', 'inventory']],
    ],
    [
      'mutation { linkIdentity(customerId: 1, account: { system: C3, accountId: 2 }, expectedVersion: 1) { ... on Linked { receipt { position } customer { name rfqs { nodes { number } } trunks { nodes { name } } health { score recomputing } } } ... on Refusal { code message } } }',
      [['customers'], ['insights', 'inventory', 'telephony']],
    ],
    [
      '{ viewer { name } customer(id: 1) { name } portfolio { nodes { score customer { name } } } }',
      [['customers', 'hub', 'insights'], ['customers']],
    ],
    [
      '{ integrations { id name syncRuns(first: 5) { nodes { done } } ... on HubSpotIntegration { portalId } } }',
      [['hub'], ['customers']],
    ],
  ])('%s', (query, expected) => {
    expect(plan(query)).toEqual(expected)
  })

  it('and is made once', () => {
    const query = '{ viewer { id } }'
    const document = parse(query)
    expect(snapshot.plan({ document }, query)).toBe(snapshot.plan({ document }, query))
  })
})
