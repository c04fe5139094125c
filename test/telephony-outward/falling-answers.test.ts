import { expect, it } from 'vitest'
import { until } from '#test/kit/until.ts'
import { onboardingBed } from '#test/onboarding/bed.ts'

it('has a ticket in HubSpot of calls that nobody answers any more, with all that is known of them, and one only', async () => {
  await using bed = await onboardingBed({ mail: false, provides: true })
  const [deal] = await bed.deals(1)
  const ban = await bed.openAccount(deal!.domain)
  await bed.makeTrunk(ban)
  const { trunks } = await bed.phone(
    'query ($ban: ID!) { billingAccount(ban: $ban) { trunks { nodes { id } } } }',
    { ban },
  )
  const trunkId: string = trunks.nodes[0].id
  const now = bed.clock.now().getTime()
  // Every fifth of forty calls of the last half hour was answered.
  const records = Array.from({ length: 40 }, (_, n) => ({
    ...{ id: `call-${n}`, trunkId, kind: 'CALL', startedAt: new Date(now - n * 45_000).toISOString() },
    ...(n % 5 === 0 ? { answered: true, seconds: 60 } : { answered: false, seconds: 0 }),
  }))
  const ingest = () =>
    bed.phone(
      'mutation ($records: [UsageRecordInput!]!) { ingestUsage(records: $records) { ... on UsageIngested { accepted } } }',
      { records },
    )
  expect(await ingest()).toEqual({ accepted: 40 })
  const ours = async () =>
    (await bed.records('tickets', '&associations=companies')).filter(
      ({ properties }) => properties.warp_trunk_id === trunkId,
    )
  const [ticket] = await until(async () => {
    const found = await ours()
    return found[0]?.associations?.companies?.length ? found : null
  })
  expect(ticket!.associations!.companies!.map(({ id }) => id)).toEqual([deal!.company])
  expect(ticket!.properties).toMatchObject({
    ...{ subject: `Too few calls are answered on trunk ${trunkId}`, hs_ticket_priority: 'HIGH' },
    content: expect.stringContaining('20 % were answered (last hour). At least 50 %'),
    ...{
      warp_category: 'voice',
      warp_subcategory: 'call_failures',
      warp_issue_type: 'voice',
      warp_severity: 'high',
    },
  })
  expect(JSON.parse(ticket!.properties.warp_technical_details ?? '')).toEqual({
    ...{
      trigger: 'asr_below_threshold',
      trunk_id: trunkId,
      current_asr: 0.2,
      threshold: 0.5,
      period: 'last_hour',
    },
  })
  const [opened] = (
    await bed.phone(
      'query ($ban: ID!) { billingAccount(ban: $ban) { alerts { nodes { measure openedAt dueAt } } } }',
      { ban },
    )
  ).alerts.nodes
  expect(opened.measure).toBe('ANSWER_RATIO')
  expect(Date.parse(ticket!.properties.warp_sla_breach ?? '')).toBe(Date.parse(opened.dueAt))
  expect(await ingest()).toEqual({ accepted: 0 })
  expect(await ours()).toHaveLength(1)
})
