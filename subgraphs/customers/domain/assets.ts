/**
 * Trunks and numbers as records of our own kinds have them in a portal. Telephony says how they are set up and what they are; nobody
 * else does.
 *
 * asset   a trunk or a number
 * record  what a portal has of one
 */
import type { SaidNumber } from '#schema/events.ts'
import { type Granted, isOn } from './features.ts'
import { goesOut } from './going-out.ts'
import { isHeld, type NumberState, type TrunkState } from './happenings.ts'
import { linkField, linksToField } from './links.ts'
import { ADDRESS_PROPERTY } from './own-objects.ts'
import type { Direction } from './settings.ts'
import { inOneLine } from './streets.ts'

type Portal = Granted & { direction: Direction; disconnected_at: Date | null }

/** Whether a portal is told of trunks and numbers at all. */
export const hasAssets = (row: Portal): boolean => goesOut(row)

/** Whether they are records of their own there. That it has room for them, it is told when they are written. */
export const hasAssetRecords = (row: Portal): boolean => goesOut(row) && isOn(row, 'CUSTOM_OBJECTS')

/** What a company has, where trunks and numbers cannot be records of their own. */
export interface AssetList {
  trunks: readonly Pick<TrunkState, 'name' | 'status'>[]
  /** Without a text where it is not known what number it is. */
  numbers: readonly { state: Pick<NumberState, 'status'>; text: string | null | undefined }[]
}

const MOST_LINES = 1000
const lines = (texts: readonly string[]): string | null => texts.slice(0, MOST_LINES).join('\n') || null

/** The same as properties of the company say it; of a company without any nothing. Pure. */
export const assetLists = ({ trunks, numbers }: AssetList): Record<string, string | null> => {
  const live = trunks.filter(({ status }) => status !== 'DELETED')
  const held = numbers.filter(({ state }) => isHeld(state))
  return {
    warp_trunks: lines(live.map(({ name, status }) => `${name} (${status.toLowerCase()})`).sort()),
    warp_numbers: lines(held.flatMap(({ text }) => text ?? []).sort()),
  }
}

const links = (ids: readonly (string | null)[]): string[] =>
  linksToField(ids.flatMap((id) => (id === null ? [] : [{ id, primary: false }])))

export type AssetValues = Readonly<Record<string, string | readonly string[] | null>>

/** Whose an asset is in a portal: the company's id there, or the placeholder that it has until then; null for nobody's. */
interface Owner {
  id: string
  isKnown: boolean
}
export type AssetOwner = Owner | null

const owned = (owner: AssetOwner) => ({
  company_id: owner?.isKnown ? owner.id : null,
  [linkField('companies')]: links([owner?.id ?? null]),
})

/** A trunk as its record says it. Pure. */
export const trunkValues = (trunkId: string, trunk: TrunkState, owner: AssetOwner): AssetValues => ({
  ...{ name: trunk.name, trunk_id: trunkId, status: trunk.status.toLowerCase() },
  ip_addresses: trunk.ipAddresses.join(', ') || null,
  concurrent_calls: String(trunk.concurrentCalls),
  monthly_minutes: String(trunk.monthlyMinutes),
  created_date: trunk.createdAt?.slice(0, 10) ?? null,
  partition_id: trunk.partitionId,
  ...owned(owner),
})

/**
 * A number as its record says it. Pure.
 * @param said what number it is; left out where that cannot be read: its record keeps what it says
 * @param to.trunk the trunk's record, by its id in the portal or placeholder; null without one
 * @param to.sendsAddresses whether the organisation lets streets go to the portal; otherwise none is kept for it, and what it had is taken back
 */
export const numberValues = (
  number: NumberState,
  said: SaidNumber | undefined,
  { owner, trunk, sendsAddresses }: { owner: AssetOwner; trunk: string | null; sendsAddresses: boolean },
): AssetValues => ({
  ...(said ? { number: said.number, cnam: said.cnam } : {}),
  ...(sendsAddresses ? addressOf(said) : { [ADDRESS_PROPERTY]: null }),
  ...(number.e911 ? { e911_status: number.e911.status.toLowerCase(), e911_hash: number.e911.hash } : {}),
  type: number.type.toLowerCase(),
  trunk_id: trunk === null ? null : number.trunkId,
  capabilities: number.capabilities.map((each) => each.toLowerCase()).join(';') || null,
  monthly_cost: number.monthlyCost === null ? null : plain(number.monthlyCost),
  [linkField('trunks')]: links([trunk]),
  ...owned(owner),
})

/** Left out where nobody has said. */
const addressOf = (said: SaidNumber | undefined): AssetValues =>
  said?.address === undefined ? {} : { [ADDRESS_PROPERTY]: said.address && inOneLine(said.address) }

/** `1.5000` is 1.5 to whoever reads it. */
const plain = (decimal: string): string => (decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal)

/** How far a portal has its records of one kind. */
export interface AssetProgress {
  kind: 'TRUNK' | 'NUMBER'
  records: number
  waiting: number
  waitsFor: string | null
}

/** What is known of a portal that may keep its records from being written. */
export interface AssetRoom {
  hasRoom: boolean
  isPaused: boolean
  isApproved: boolean
}

/** What keeps a portal's records from being written, with what to do; null when nothing does. Pure. */
export const assetsWaitFor = (
  portal: Portal,
  { hasRoom, isPaused, isApproved }: AssetRoom,
): string | null => {
  if (!goesOut(portal)) return 'Nothing is written to this portal. Connect it, and let the hub write to it.'
  if (!isOn(portal, 'CUSTOM_OBJECTS'))
    return 'The portal does not let the hub make kinds of records of its own: companies say it in properties. Connect it again with the scopes for custom objects.'
  if (!hasRoom) return 'The portal has no such kind of record yet. Provision it.'
  if (isPaused) return 'Writing is paused. End the pause.'
  return isApproved ? null : 'The first writes wait for somebody. Approve a plan of them.'
}
