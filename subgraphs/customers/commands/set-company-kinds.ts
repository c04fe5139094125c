import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import { type AskedKind, decidedKindsOf, writeCompanyKinds } from '../store/company-kinds.ts'
import { integrationsOf } from '../store/integrations.ts'
import { lockMappings, mappingIn, writeMappings } from '../store/mappings.ts'
import { askRederivation } from '../store/rederivations.ts'
import { lockRules, raiseRules } from '../store/rule-versions.ts'
import type { Transaction } from '../store/transaction.ts'

export interface SetCompanyKindsAsk {
  integrationId: string
  expectedVersion: number
  rules: readonly AskedKind[]
}

/** Most values that one change may name. */
const MOST_RULES = 200
/** HubSpot's own longest value of an option. */
const LONGEST_VALUE = 300

const nameOf = ({ property, value }: Pick<AskedKind, 'property' | 'value'>) => `${property}/${value}`

/**
 * Decides what a portal's own words make companies to us. Companies that are here already follow by being derived anew; deciding
 * what is decided already changes nothing.
 */
export const setCompanyKinds = (
  ctx: Context,
  ask: SetCompanyKindsAsk,
): Promise<{ missing: string } | { invalid: string } | { currentVersion: number } | { receipt: Receipt }> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const { integrationId } = ask
    const place = { orgId, integrationId }
    const [integration] = isId(integrationId) ? await integrationsOf(tx, orgId, [integrationId]) : []
    if (!integration) return { missing: 'The HubSpot connection' }
    const version = await lockRules(tx, place, 'COMPANY_KINDS')
    if (version !== ask.expectedVersion) return { currentVersion: version }
    const rules = ask.rules.map((rule) => ({ ...rule, value: rule.value.trim().toLowerCase() }))
    const fault = faultOf(rules)
    if (fault) return { invalid: fault }
    const decided = (await decidedKindsOf(tx, orgId, [integrationId])).get(integrationId) ?? []
    const held = new Map(decided.map((rule) => [nameOf(rule), rule.kind]))
    const changed = rules.filter((rule) => (held.get(nameOf(rule)) ?? null) !== rule.kind)
    if (changed.length > 0) {
      const at = clock.now()
      await writeCompanyKinds(tx, place, changed)
      await raiseRules(tx, place, 'COMPANY_KINDS', at)
      await followUp(tx, ctx, place, at)
      await audit(tx, {
        orgId,
        principal,
        action: 'setCompanyKinds',
        subject: { type: 'HubSpotIntegration', id: integrationId },
        before: Object.fromEntries(changed.map((rule) => [nameOf(rule), held.get(nameOf(rule))])),
        after: Object.fromEntries(changed.map((rule) => [nameOf(rule), rule.kind])),
        at,
      })
    }
    return { receipt: await receiptOf(tx) }
  })

const faultOf = (rules: readonly AskedKind[]): string | undefined => {
  if (rules.length === 0) return 'Name at least one value.'
  if (rules.length > MOST_RULES) return `Name at most ${MOST_RULES} values at a time.`
  if (rules.some(({ value }) => value === '')) return 'A value is empty.'
  if (rules.some(({ value }) => value.length > LONGEST_VALUE))
    return `A value has more than ${LONGEST_VALUE} characters.`
  if (new Set(rules.map(nameOf)).size < rules.length) return 'Name each value once.'
  return undefined
}

/**
 * Has the companies derived anew. What they are to us is read with the mapping, so that one is raised with the rules: whoever is
 * writing rows by the old ones is refused and reads them again.
 */
const followUp = async (
  tx: Transaction,
  { principal }: Pick<Context, 'principal'>,
  place: { orgId: string; integrationId: string },
  at: Date,
): Promise<void> => {
  const rows = await lockMappings(tx, place, ['companies'], at)
  const { integration_id, updated_at, ...mapping } = mappingIn(rows, place.integrationId, 'companies')
  const version = mapping.version + 1
  await writeMappings(tx, place, [{ ...mapping, version, updated_by: principal.id }], at)
  await askRederivation(
    tx,
    place,
    { type: 'companies', version, fields: ['companyType', 'lifecycleStage'] },
    at,
  )
}
