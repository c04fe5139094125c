/**
 * A telephone number on its way from its owner to who writes it to HubSpot. Events are kept for long and read by many: in them it is
 * sealed, for this number of this organisation and nothing else.
 */
import { parsePhoneNumberFromString } from 'libphonenumber-js'
import { z } from 'zod'
import type { Vault } from '#kernel/vault.ts'

/** Where emergency services go when somebody calls them from a number. */
const address = z.object({
  street: z.string(),
  unit: z.string().nullable(),
  city: z.string(),
  state: z.string(),
  postalCode: z.string(),
  country: z.string(),
})
export type SaidAddress = z.infer<typeof address>

/** Left out, the address: sealed before addresses were told, or by a key that is gone. Null: there is none. */
const said = z.object({
  number: z.string(),
  cnam: z.string().nullable(),
  address: address.nullable().optional(),
})
export type SaidNumber = z.infer<typeof said>

const placeOf = (orgId: string, numberId: string): string => `${orgId}:telephony.numbers:${numberId}`

/** Seals what a number is and shows and where it is, as events carry it. */
export const sealNumber = (vault: Vault, orgId: string, numberId: string, number: SaidNumber): string =>
  vault.seal(JSON.stringify(said.parse(number)), placeOf(orgId, numberId))

/** Opens it. @throws when it was sealed for another number, or by a key that this process does not have */
export const openNumber = (vault: Vault, orgId: string, numberId: string, sealed: string): SaidNumber =>
  said.parse(JSON.parse(vault.open(sealed, placeOf(orgId, numberId))))

/**
 * The mark of a telephone number of a business in an organisation: the same however it is written and whichever system says it, so that
 * accounts are found by it without the number being told. Numbers without a country are read as American ones.
 * @returns undefined when it is no telephone number
 */
export const markNumber = (vault: Pick<Vault, 'mark'>, orgId: string, text: string): string | undefined => {
  const number = parsePhoneNumberFromString(text, 'US')?.number
  return number ? vault.mark(number, `${orgId}:phone`) : undefined
}
