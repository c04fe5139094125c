import { KINDS, type RecordType } from './kinds.ts'
import { linkField } from './links.ts'
import { follows, type MoneyFields, type PolicyRules } from './policy.ts'

const LAST_RANK = 1_000
const NAME = /^[a-z0-9_]{1,255}$/

/** What is wrong with a portal's rules, beside what would be with every vendor's. Pure. */
export const policyChecks = (money: MoneyFields) => ({
  numbers: ({ rank }: PolicyRules) =>
    Number.isInteger(rank) && rank >= 1 && rank <= LAST_RANK
      ? undefined
      : { where: 'changes.rank', message: `Say a rank between 1 and ${LAST_RANK}.` },
  field: (type: string, field: string, word: string): string | undefined => {
    if (field.startsWith('@')) {
      const links = KINDS[type as RecordType].links.map(linkField)
      return links.includes(field)
        ? undefined
        : `Links of ${type} are ${links.length > 0 ? links.join(', ') : 'none'}; there is no other field that begins with @.`
    }
    if (!NAME.test(field))
      return 'A property’s name in HubSpot has small letters, digits and underscores only, at most 255.'
    if (word === 'MERGE') return `MERGE is for lists of links, such as @companies; ${field} is none.`
    const lead = follows(money, type, field)
    return lead === undefined ? undefined : `${field} is settled together with ${lead}: decide about ${lead}.`
  },
})
