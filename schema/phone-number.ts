/**
 * A telephone number on its way from its owner to who writes it to HubSpot. Events are kept for long and read by many: in them it is
 * sealed, for this number of this organisation and nothing else.
 */
import { z } from 'zod'
import type { Vault } from '#kernel/vault.ts'

const said = z.object({ number: z.string(), cnam: z.string().nullable() })
export type SaidNumber = z.infer<typeof said>

const placeOf = (orgId: string, numberId: string): string => `${orgId}:telephony.numbers:${numberId}`

/** Seals what a number is and shows, as events carry it. */
export const sealNumber = (vault: Vault, orgId: string, numberId: string, number: SaidNumber): string =>
  vault.seal(JSON.stringify(said.parse(number)), placeOf(orgId, numberId))

/** Opens it. @throws when it was sealed for another number, or by a key that this process does not have */
export const openNumber = (vault: Vault, orgId: string, numberId: string, sealed: string): SaidNumber =>
  said.parse(JSON.parse(vault.open(sealed, placeOf(orgId, numberId))))
