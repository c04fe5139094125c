import { idFrom } from '#kernel/ids.ts'
import type { Vault } from '#kernel/vault.ts'
import type { SaidNumber } from '#schema/events.ts'
import { isPlaceholder, placeholderOf } from '#sync/links.ts'
import type { LocalChanges } from '#sync/local-change.ts'
import type { ChangeRecords } from '../context.ts'
import {
  type AssetOwner,
  type AssetValues,
  hasAssetRecords,
  numberValues,
  trunkValues,
} from '../domain/assets.ts'
import { banOf, isHeld, type Sighting, type TrunkState } from '../domain/happenings.ts'
import type { OwnObjectType } from '../domain/own-objects.ts'
import { type SealedStreet, sealStreet } from '../domain/streets.ts'
import { companiesById } from '../store/companies.ts'
import { accountStates } from '../store/identities.ts'
import { type IntegrationRow, integrationsOf } from '../store/integrations.ts'
import { ownRecordStates } from '../store/own-records.ts'
import { mainCompanies } from '../store/timeline.ts'
import { notePlaced, toldTrunks, unplaceAssets, unplacedAssets } from '../store/timeline-told.ts'
import type { Transaction } from '../store/transaction.ts'
import { takeCompaniesTurn, writeAccountFields } from './write-account-fields.ts'

/**
 * What a number is, by its id and as it was told; undefined where it was sealed by a key that was taken away since: telephony’s next
 * snapshot tells it anew.
 */
export type NumberOf = (orgId: string, id: string, sealed: string) => SaidNumber | undefined

interface Assets {
  changeRecords: ChangeRecords
  numberOf: NumberOf
  vault: Vault
  orgId: string
  at: Date
}

/** Trunks and numbers at a time. */
const BATCH = 300

/**
 * Lets portals have what telephony has told of some trunks, numbers and accounts: companies say what accounts they have, and records of their own are made, changed and taken away here,
 * and written to HubSpot as every change of the hub. A trunk or number whose customer has no company in a portal is not there, and is
 * looked at again when that changes. However often one has changed, it is written as it is now; doing it again changes nothing. A
 * batch takes the same number of statements for each portal, however many they are.
 * @returns whether there may be more
 */
export const writeAssets = async (tx: Transaction, around: Assets): Promise<boolean> => {
  const { orgId } = around
  await takeCompaniesTurn(tx, orgId)
  const assets = await unplacedAssets(tx, orgId, BATCH)
  if (assets.length === 0) return false
  const trunkIds = assets.flatMap((each) => (each.subject === 'NUMBER' ? (each.state.trunkId ?? []) : []))
  const trunks = await toldTrunks(tx, orgId, [...new Set(trunkIds)])
  const gone = assets.filter((each) => each.subject === 'TRUNK' && each.state.status === 'DELETED')
  // Numbers lose the trunk that they were on.
  if (gone.length > 0)
    await unplaceAssets(tx, orgId, {
      bans: [...new Set(gone.map(banOf))],
      trunkIds: gone.map(({ id }) => id),
    })
  const bans = [...new Set(assets.map(banOf))]
  const customers = await accountStates(tx, orgId, 'WARP', bans)
  // Companies before what is linked to them: whoever changes both takes their turns in this order.
  await writeAccountFields(tx, around, [
    ...new Set([...customers.values()].map(({ customerId }) => customerId)),
  ])
  const owners = await ownersOf(tx, orgId, customers)
  const portals = (await integrationsOf(tx, orgId)).filter(hasAssetRecords)
  const said = saidIn(assets, around)
  for (const portal of portals) {
    const ownerOf = (ban: string) => owners.get(`${portal.id} ${ban}`) ?? null
    await writeTo(tx, around, portal, 'trunks', trunksAs(assets, portal, ownerOf, around))
    await writeTo(tx, around, portal, 'numbers', numbersAs(assets, portal, ownerOf, { orgId, said, trunks }))
  }
  await notePlaced(tx, orgId, assets, streetsIn(said, around))
  return true
}

/** What numbers are, of those that were told and can be read. */
type Said = ReadonlyMap<string, SaidNumber>

const saidIn = (assets: readonly Sighting[], { orgId, numberOf }: Assets): Said =>
  new Map(
    assets.flatMap((each) => {
      const sealed = each.subject === 'NUMBER' ? each.state.sealed : null
      const said = sealed === null ? undefined : numberOf(orgId, each.id, sealed)
      return said ? [[each.id, said]] : []
    }),
  )

/** Where they are, as texts that speak of it are found. */
const streetsIn = (said: Said, { orgId, vault }: Assets): Map<string, SealedStreet> =>
  new Map(
    [...said].flatMap(([id, { address }]) => {
      const street = address ? sealStreet(vault, orgId, id, address) : null
      return street ? [[id, street]] : []
    }),
  )

/** An asset's record in a portal, as it should be; null values: it should not be there. */
interface Wanted {
  localId: string
  /** Whose it is made for; null: it is not made. */
  owner: AssetOwner
  values: AssetValues | null
}

type OwnerOf = (ban: string) => AssetOwner

/** By which id the record of an asset in a portal is known: always the same, so that it is made once. */
const recordOf = (orgId: string, portal: IntegrationRow, type: OwnObjectType, id: string): string =>
  idFrom(orgId, portal.id, 'asset', type, id)

const trunksAs = (
  assets: readonly Sighting[],
  portal: IntegrationRow,
  ownerOf: OwnerOf,
  { orgId }: Assets,
): Wanted[] =>
  assets.flatMap((each) => {
    if (each.subject !== 'TRUNK') return []
    const owner = ownerOf(each.state.ban)
    const values = each.state.status === 'DELETED' ? null : trunkValues(each.id, each.state, owner)
    return [{ localId: recordOf(orgId, portal, 'trunks', each.id), owner, values }]
  })

const numbersAs = (
  assets: readonly Sighting[],
  portal: IntegrationRow,
  ownerOf: OwnerOf,
  { orgId, said, trunks }: { orgId: string; said: Said; trunks: ReadonlyMap<string, TrunkState> },
): Wanted[] =>
  assets.flatMap((each): Wanted[] => {
    if (each.subject !== 'NUMBER') return []
    const localId = recordOf(orgId, portal, 'numbers', each.id)
    const { ban, trunkId, sealed } = each.state
    if (!isHeld(each.state)) return [{ localId, owner: null, values: null }]
    // What number it is was not told yet: it will be.
    if (sealed === null) return []
    const known = said.get(each.id)
    const owner = ownerOf(ban)
    const on = trunkId === null ? undefined : trunks.get(trunkId)
    // A trunk that nobody has told of has no record to be linked to.
    const trunk =
      trunkId !== null && on && on.status !== 'DELETED' && ownerOf(on.ban)
        ? placeholderOf(recordOf(orgId, portal, 'trunks', trunkId))
        : null
    const sendsAddresses = portal.sends_addresses
    const values = numberValues(each.state, known, { owner, trunk, sendsAddresses })
    return [{ localId, owner: known ? owner : null, values }]
  })

const writeTo = async (
  tx: Transaction,
  { changeRecords, orgId, at }: Assets,
  portal: IntegrationRow,
  type: OwnObjectType,
  wanted: readonly Wanted[],
): Promise<void> => {
  if (wanted.length === 0) return
  const there = await ownRecordStates(
    tx,
    orgId,
    wanted.map(({ localId }) => localId),
  )
  const creates: { localId: string; values: AssetValues }[] = []
  const updates: { localId: string; values: AssetValues }[] = []
  const deletes: string[] = []
  for (const { localId, owner, values } of wanted) {
    const state = there.get(localId)
    if (state === 'GONE') continue
    if (values === null) deletes.push(...(state ? [localId] : []))
    else if (state) updates.push({ localId, values })
    else if (owner) creates.push({ localId, values })
  }
  const changes: LocalChanges = { creates, updates, deletes }
  await changeRecords(tx, { orgId, integrationId: portal.id, type }, changes, at, { isUrgent: false })
}

/** The company of each billing account in each portal, by both: two statements. */
const ownersOf = async (
  tx: Transaction,
  orgId: string,
  customers: ReadonlyMap<string, { customerId: string }>,
): Promise<Map<string, NonNullable<AssetOwner>>> => {
  const ids = [...new Set([...customers.values()].map(({ customerId }) => customerId))]
  const companies = await mainCompanies(tx, orgId, ids)
  const rows = await companiesById(
    tx,
    orgId,
    companies.map(({ id }) => id),
  )
  const byCustomer = Map.groupBy(companies, (company) => company.customer_id)
  return new Map(
    [...customers].flatMap(([ban, { customerId }]) =>
      (byCustomer.get(customerId) ?? []).flatMap((company) => {
        const id = rows.get(company.id)?.external_id
        if (id === undefined) return []
        return [[`${company.integration_id} ${ban}`, { id, isKnown: !isPlaceholder(id) }] as const]
      }),
    ),
  )
}
