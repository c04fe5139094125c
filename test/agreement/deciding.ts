import type { AskedSettings } from '#subgraphs/insights/domain/settings.ts'
import { pick } from '#test/insights/facts.ts'
import type { KilledHub } from './hub.ts'

const DECISIONS = [
  'acceptInsight(id: $id, expectedVersion: $version)',
  'dismissInsight(id: $id, expectedVersion: $version, reason: WRONG)',
  'dismissInsight(id: $id, expectedVersion: $version, reason: NOT_NOW)',
  'completeInsight(id: $id, expectedVersion: $version, outcome: POSITIVE)',
  'reopenInsight(id: $id, expectedVersion: $version)',
]

/** Somebody decides on a few insights, or takes decisions back; what cannot be is refused. @returns how many were decided on */
export const decideOnSome = async (hub: KilledHub, random: () => number): Promise<number> => {
  const rows = await hub.bed.rows<{ id: string; version: number }>(
    'select insight_id as id, version from insights.insights where customer_id is not null order by md5(insight_id::text || $1) limit 3',
    [`${random()}`],
  )
  let decided = 0
  for (const { id, version } of rows) {
    const { data, errors } = await hub.ask(
      `mutation ($id: ID!, $version: Int!) { decided: ${pick(random, DECISIONS)} { __typename } }`,
      { id, version },
    )
    if (errors) throw new Error(`not decided: ${JSON.stringify(errors)}`)
    if (!['Invalid', 'Stale', 'Missing'].includes(data.decided.__typename)) decided++
  }
  return decided
}

const SET = `mutation ($expectedVersion: Int!, $changes: InsightsSettingsInput!) { setInsightsSettings(expectedVersion: $expectedVersion, changes: $changes) {
  __typename ... on Stale { currentVersion } ... on Refusal { message } } }`

/** Changes how customers are judged. @returns 1 when it was changed */
export const setSettings = async (hub: KilledHub, random: () => number): Promise<number> => {
  const part = () => `${Math.round(random() * 9) + 1}`
  const changes = pick<AskedSettings>(random, [
    { health: { weights: { crm: part(), payment: part(), usage: part(), support: part() } } },
    {
      health: {
        segments: [
          {
            name: 'Leads',
            lifecycleStages: ['lead'],
            weights: { crm: part(), payment: '1', usage: '0', support: '1' },
          },
        ],
      },
    },
    { health: { steadyWithin: part() } },
    { detectors: { restDays: Number(part()), forgetDays: 60, validDays: 10 + Number(part()) } },
    { insightRules: [{ impact: 'MEDIUM', minConfidence: 50 + Number(part()) * 4 }] as never },
    { reset: ['HEALTH', 'DETECTORS', 'INSIGHT_RULES'] },
  ])
  const [row] = await hub.bed.rows<{ version: number }>(
    'select max(version)::int as version from insights.settings',
  )
  const { data, errors } = await hub.ask(SET, { expectedVersion: row?.version ?? 1, changes })
  if (errors || data.setInsightsSettings.__typename === 'Invalid')
    throw new Error(`not set: ${JSON.stringify(errors ?? data)} ${JSON.stringify(changes)}`)
  return data.setInsightsSettings.__typename === 'InsightsSettingsSet' ? 1 : 0
}
